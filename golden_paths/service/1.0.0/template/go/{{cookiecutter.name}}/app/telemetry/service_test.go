package telemetry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/telemetry"
)

func lookup(environment map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := environment[name]
		return value, set
	}
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	found, err := settings.FromEnvironment(lookup(map[string]string{
		"SERVICE_NAME":                "some-api",
		"SERVICE_TEAM":                "some-team",
		"SERVICE_ENVIRONMENT":         "staging",
		"SERVICE_TIER":                "batch",
		"SERVICE_VERSION":             "1.2.3",
		"HOST":                        "127.0.0.1",
		"PORT":                        "9000",
		"LOG_LEVEL":                   "debug",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317",
		"SERVICE_DRILL":               "on",
	}))
	want := settings.Settings{
		Service:      "some-api",
		Team:         "some-team",
		Environment:  "staging",
		Tier:         "batch",
		Version:      "1.2.3",
		Host:         "127.0.0.1",
		Port:         9000,
		LogLevel:     slog.LevelDebug,
		OTLPEndpoint: "http://otel-collector:4317",
		Drill:        true,
	}
	if err != nil || found != want {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestSettingsThatCannotBeUsedAreNamed(t *testing.T) {
	for name, value := range map[string]string{"PORT": "http", "LOG_LEVEL": "loud"} {
		_, err := settings.FromEnvironment(lookup(map[string]string{name: value}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestAliveFromTheStartAndReadyWhileItRuns(t *testing.T) {
	service := newService(t)
	health := func() string { return ask(service, "GET", "/readyz").Body.String() }
	if alive := ask(service, "GET", "/healthz"); alive.Code != 200 || alive.Body.String() != `{"status":"alive"}` {
		t.Errorf("alive: %d %s", alive.Code, alive.Body)
	}
	if health() != `{"status":"starting"}` {
		t.Errorf("before: %s", health())
	}
	_, stop := run(t, service)
	if health() != `{"status":"ready"}` {
		t.Errorf("meanwhile: %s", health())
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if health() != `{"status":"stopping"}` || ask(service, "GET", "/readyz").Code != 503 {
		t.Errorf("afterwards: %s", health())
	}
}

func TestFailingChecksAreNamed(t *testing.T) {
	service := newService(t)
	_, stop := run(t, service)
	defer stop()
	service.Health.AddCheck("cache", func(context.Context) error { return nil })
	service.Health.AddCheck("database", func(context.Context) error { return errors.New("no route to host") })
	service.Health.AddCheck("ledger", func(context.Context) error { panic("a bug") })
	service.Health.AddCheck("disk", func(context.Context) error { select {} })
	var answer, code = "", 0
	lines := logged(t, func() {
		response := ask(service, "GET", "/readyz")
		answer, code = response.Body.String(), response.Code
	})
	if want := `{"status":"failing","checks":["database","ledger","disk"]}`; code != 503 || answer != want {
		t.Errorf("%d %s, want %s", code, answer, want)
	}
	reasons := map[any]any{}
	for _, line := range lines {
		if line["logger"] != "app.telemetry.health" || line["level"] != "WARNING" {
			t.Errorf("logged: %v", line)
		}
		reasons[line["message"]] = line["exception_message"]
	}
	want := map[any]any{
		"readiness check database failed": "no route to host",
		"readiness check ledger failed":   "panic: a bug",
		"readiness check disk failed":     "context deadline exceeded",
	}
	if !maps.Equal(reasons, want) {
		t.Errorf("reasons: %v", reasons)
	}
}

func TestWhatIsInProgressIsFinishedFirst(t *testing.T) {
	service := newService(t)
	var order []string
	begun := make(chan struct{})
	service.HandleFunc("GET /platform-test/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		time.Sleep(50 * time.Millisecond)
		order = append(order, "request")
		telemetry.JSON(w, http.StatusOK, "done")
	})
	for _, name := range []string{"first", "second"} {
		service.OnStop(func(context.Context) error {
			order = append(order, name)
			return nil
		})
	}
	url, stop := run(t, service)
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get(url + "/platform-test/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-begun
	lines := logged(t, func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	if got := <-answer; got != `"done"` {
		t.Errorf("the client got %s", got)
	}
	if !slices.Equal(order, []string{"request", "second", "first"}) {
		t.Errorf("order: %v", order)
	}
	if last := lines[len(lines)-1]; last["message"] != "shutdown complete" {
		t.Errorf("last: %v", last)
	}
}
