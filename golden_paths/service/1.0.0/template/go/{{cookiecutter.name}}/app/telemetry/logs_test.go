package telemetry_test

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

func TestTheFieldsOfARequestInTheirOrder(t *testing.T) {
	service := newService(t)
	lines := logged(t, func() { ask(service, "GET", "/platform-test/things/7?secret=1") })
	line := only(t, lines, "app.access")[""].(string)
	defaults := settings.Defaults()
	want := `{"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "level": "INFO", "logger": "app.access", ` +
		`"message": "GET /platform-test/things/\{thing} 200", ` +
		`"service": "` + defaults.Service + `", "team": "` + defaults.Team + `", ` +
		`"environment": "test", "version": "1\.2\.3", ` +
		`"trace_id": "[0-9a-f]{32}", "span_id": "[0-9a-f]{16}", "http_request_method": "GET", ` +
		`"http_route": "/platform-test/things/\{thing}", "http_response_status_code": 200, ` +
		`"duration_seconds": [0-9.e-]+, "url_path": "/platform-test/things/7"}`
	if !regexp.MustCompile("^" + want + "$").MatchString(line) {
		t.Errorf("%s\nis not\n%s", line, want)
	}
}

func TestFieldsOfOnesOwn(t *testing.T) {
	newService(t)
	lines := logged(t, func() {
		logger := slog.With("logger", "own", "a", 1).WithGroup("g").With("b", 2)
		logger.Info("x", "c", time.Second, slog.Group("", slog.Group("h", "d", "<&>")), "b", 3, slog.Attr{})
	})
	line := only(t, lines, "own")[""].(string)
	if want := `"span_id": "", "a": 1, "g.b": 3, "g.c": "1s", "g.h.d": "<&>"}`; !strings.HasSuffix(line, want) {
		t.Errorf("%s\ndoes not end\n%s", line, want)
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("a bug") }

func TestAnyValueCanBeLogged(t *testing.T) {
	newService(t)
	circle := []any{nil}
	circle[0] = circle
	lines := logged(t, func() {
		slog.Warn("a\nb \U0001f600 \xff", "logger", "odd", "ratio", math.NaN(), "circle", circle,
			"channel", make(chan int), "panics", panics{}, "team", "other", "failure", errors.New("broken"))
	})
	line := only(t, lines, "odd")
	for name, want := range map[string]any{
		"message":           "a\nb \U0001f600 �",
		"level":             "WARNING",
		"ratio":             "NaN",
		"channel":           "json: unsupported type: chan int",
		"panics":            "telemetry_test.panics: a bug",
		"team":              settings.Defaults().Team,
		"exception_type":    "*errors.errorString",
		"exception_message": "broken",
	} {
		if line[name] != want {
			t.Errorf("%s: %q, want %q", name, line[name], want)
		}
	}
	if text, ok := line["circle"].(string); !ok || !strings.Contains(text, "cycle") {
		t.Errorf("circle: %v", line["circle"])
	}
}

func TestWhoLogs(t *testing.T) {
	newService(t)
	lines := logged(t, func() {
		slog.Log(context.Background(), settings.LevelCritical, "by slog")
		log.Print("by log")
		slog.Debug("not at this level")
	})
	if len(lines) != 2 {
		t.Fatalf("logged: %v", lines)
	}
	if line := lines[0]; line["logger"] != "app.telemetry_test" || line["level"] != "CRITICAL" {
		t.Errorf("slog: %v", line)
	}
	if line := lines[1]; line["message"] != "by log" || line["level"] != "INFO" || line["trace_id"] != "" {
		t.Errorf("log: %v", line)
	}
}

func TestAPanicIsOneLineWithTheTrace(t *testing.T) {
	service := newService(t)
	var code int
	var body string
	lines := logged(t, func() {
		response := ask(service, "GET", "/platform-test/crash", "traceparent", traceparent)
		code, body = response.Code, response.Body.String()
	})
	if code != 500 || body != "Internal Server Error" {
		t.Errorf("%d %s", code, body)
	}
	if access := only(t, lines, "app.access"); access["http_response_status_code"] != 500.0 || access["level"] != "ERROR" {
		t.Errorf("access: %v", access)
	}
	failure := only(t, lines, "app.error")
	for name, want := range map[string]any{
		"level":             "ERROR",
		"message":           "unhandled exception",
		"trace_id":          traceID,
		"exception_type":    "*errors.errorString",
		"exception_message": "a\nbug",
	} {
		if failure[name] != want {
			t.Errorf("%s: %q, want %q", name, failure[name], want)
		}
	}
	if stack, _ := failure["exception_stacktrace"].(string); !strings.Contains(stack, "platform_test.go") {
		t.Errorf("stack: %s", stack)
	}
}

func TestAPanicAfterTheStatusChangesNoneAndBreaksTheAnswerOff(t *testing.T) {
	service := newService(t)
	url, stop := run(t, service)
	lines := logged(t, func() {
		response, err := http.Get(url + "/platform-test/crash-later")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); response.StatusCode != 200 || err == nil {
			t.Errorf("the client got %d and all of %q", response.StatusCode, body)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	if access := only(t, lines, "app.access"); access["http_response_status_code"] != 200.0 {
		t.Errorf("access: %v", access)
	}
	if failure := only(t, lines, "app.error"); failure["exception_message"] != "too late" || failure["exception_type"] != "string" {
		t.Errorf("error: %v", failure)
	}
}
