package telemetry

import (
	"context"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

const module = "{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/"

var output = struct {
	sync.Mutex
	io.Writer
}{Writer: os.Stdout}

// configureLogs has slog, and log through it, write to stdout, one JSON object a line.
func configureLogs(s settings.Settings) {
	slog.SetDefault(slog.New(&handler{settings: s}))
}

// handler writes a record as JSON, with the service and the current trace.
//
// Attributes become further fields of the object; those of a group have the group's
// name and a dot before theirs. The attribute `logger` says who speaks; without it, the
// package does. An error becomes exception_type and exception_message.
type handler struct {
	settings   settings.Settings
	attributes []field
	group      string
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.settings.LogLevel
}

func (h *handler) WithGroup(name string) slog.Handler {
	with := *h
	if name != "" {
		with.group += name + "."
	}
	return &with
}

func (h *handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	with := *h
	with.attributes = slices.Clone(h.attributes)
	for _, attribute := range attributes {
		with.attributes = flatten(with.attributes, h.group, attribute)
	}
	return &with
}

func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	attributes := slices.Clone(h.attributes)
	record.Attrs(func(attribute slog.Attr) bool {
		attributes = flatten(attributes, h.group, attribute)
		return true
	})
	logger := any(packageOf(record.PC))
	for _, attribute := range attributes {
		if attribute.name == "logger" {
			logger = attribute.value
		}
	}
	traceID, spanID := currentTrace(ctx)
	fields := []field{
		{"timestamp", record.Time.UTC().Format("2006-01-02T15:04:05.000Z")},
		{"level", levelName(record.Level)},
		{"logger", logger},
		{"message", record.Message},
		{"service", h.settings.Service},
		{"team", h.settings.Team},
		{"environment", h.settings.Environment},
		{"version", h.settings.Version},
		{"trace_id", traceID},
		{"span_id", spanID},
	}
	standard := len(fields)
	for _, attribute := range attributes {
		known := slices.IndexFunc(fields, func(f field) bool { return f.name == attribute.name })
		if known < 0 {
			fields = append(fields, attribute)
		} else if known >= standard {
			fields[known] = attribute
		}
	}
	output.Lock()
	defer output.Unlock()
	_, err := output.Write(object(fields))
	return err
}

// packageOf names the package that logged, such as `app` or `app.telemetry`.
func packageOf(pc uintptr) string {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	path := strings.TrimPrefix(frame.Function, module)
	last := strings.LastIndexByte(path, '/') + 1
	name, _, _ := strings.Cut(path[last:], ".")
	return strings.ReplaceAll(path[:last]+name, "/", ".")
}

func levelName(level slog.Level) string {
	switch {
	case level >= settings.LevelCritical:
		return "CRITICAL"
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARNING"
	case level >= slog.LevelInfo:
		return "INFO"
	default:
		return "DEBUG"
	}
}

// currentTrace is the ids of the current span in hexadecimal; empty outside a request.
func currentTrace(ctx context.Context) (traceID, spanID string) {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return "", ""
	}
	return span.TraceID().String(), span.SpanID().String()
}
