package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// exchange is one request and its response.
type exchange struct {
	http.ResponseWriter
	method, route, path string
	started             time.Time
	status              int
}

// Unwrap lets [http.ResponseController] through to the connection.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// Flush serves those who ask for an [http.Flusher].
func (e *exchange) Flush() { _ = http.NewResponseController(e.ResponseWriter).Flush() }

// WriteHeader takes note of the status; those below 200 are but announcements.
func (e *exchange) WriteHeader(status int) {
	if e.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		e.status = status
	}
	e.ResponseWriter.WriteHeader(status)
}

func (e *exchange) Write(text []byte) (int, error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	return e.ResponseWriter.Write(text)
}

// finish ends a panic and records the exchange; it is deferred.
func (e *exchange) finish(ctx context.Context, span trace.Span) {
	failure := recover()
	begun := e.status != 0
	if failure != nil && failure != http.ErrAbortHandler {
		e.fail(ctx, span, failure, begun)
	}
	if e.status == 0 {
		// What the server sends if the handler sends nothing.
		e.status = http.StatusOK
		if failure != nil {
			e.status = http.StatusInternalServerError
		}
	}
	e.record(ctx, span)
	if failure != nil && (begun || failure == http.ErrAbortHandler) {
		panic(http.ErrAbortHandler) // what was sent is not whole: the client has to see that
	}
}

// fail says what a panic was about; the client gets its 500, if it has nothing else yet.
func (e *exchange) fail(ctx context.Context, span trace.Span, failure any, begun bool) {
	kind, message, stack := fmt.Sprintf("%T", failure), fmt.Sprint(failure), string(debug.Stack())
	slog.ErrorContext(ctx, "unhandled exception", "logger", "app.error",
		"exception_type", kind, "exception_message", message, "exception_stacktrace", stack)
	span.AddEvent("exception", trace.WithAttributes(
		attribute.String("exception.type", kind),
		attribute.String("exception.message", message),
		attribute.String("exception.stacktrace", stack),
	))
	span.SetStatus(codes.Error, "")
	if !begun {
		clear(e.Header())
		e.Header().Set("Content-Type", "text/plain; charset=utf-8")
		e.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(e, http.StatusText(http.StatusInternalServerError))
	}
}

// record writes down the exchange, once it is over.
func (e *exchange) record(ctx context.Context, span trace.Span) {
	duration := time.Since(e.started).Seconds()
	requestDuration.WithLabelValues(e.method, e.route, strconv.Itoa(e.status)).Observe(duration)

	if e.route != "" {
		span.SetAttributes(attribute.String("http.route", e.route))
	}
	span.SetAttributes(attribute.Int("http.response.status_code", e.status))
	level, shown := slog.LevelInfo, e.route
	if e.status >= 500 {
		level = slog.LevelError
		span.SetStatus(codes.Error, "")
	}
	if shown == "" {
		shown = "(no route)"
	}
	slog.Log(ctx, level, fmt.Sprintf("%s %s %d", e.method, shown, e.status), "logger", "app.access",
		"http_request_method", e.method,
		"http_route", e.route,
		"http_response_status_code", e.status,
		"duration_seconds", math.Round(duration*1e6)/1e6,
		"url_path", e.path)
}
