// What the platform relies on: health, metrics, logs and traces.
//
// The tests bring their own routes, so that they hold for any service.

package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/telemetry"
)

const (
	traceID     = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent = "00-" + traceID + "-00f067aa0ba902b7-01"
)

func newService(t *testing.T) *telemetry.Service {
	t.Helper()
	s := settings.Defaults()
	s.Environment, s.Version = "test", "1.2.3"
	service, err := app.New(s)
	if err != nil {
		t.Fatal(err)
	}
	service.HandleFunc("GET /platform-test/things/{thing}", func(w http.ResponseWriter, r *http.Request) {
		slog.InfoContext(r.Context(), "read", "logger", "thing", "thing", r.PathValue("thing"))
		telemetry.JSON(w, http.StatusOK, r.PathValue("thing"))
	})
	service.HandleFunc("GET /platform-test/files/{path...}", func(http.ResponseWriter, *http.Request) {})
	service.HandleFunc("GET /platform-test/crash", func(http.ResponseWriter, *http.Request) {
		panic(errors.New("a\nbug"))
	})
	service.HandleFunc("GET /platform-test/unavailable", func(w http.ResponseWriter, _ *http.Request) {
		telemetry.Refuse(w, http.StatusServiceUnavailable, "unavailable")
	})
	service.HandleFunc("GET /platform-test/crash-later", func(w http.ResponseWriter, _ *http.Request) {
		telemetry.JSON(w, http.StatusOK, "so far")
		_ = http.NewResponseController(w).Flush()
		panic("too late")
	})
	return service
}

// ask sends the service a request without a network; headers are names and values.
func ask(service http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response := httptest.NewRecorder()
	service.ServeHTTP(response, request)
	return response
}

// run starts the service for the rest of the test; the function stops it.
func run(t *testing.T, service *telemetry.Service) (url string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx, listener) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	url = "http://" + listener.Addr().String()
	for range 200 {
		if ask(service, "GET", "/readyz").Code == http.StatusOK {
			return url, stop
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the service does not become ready")
	return
}

type logLine map[string]any

// logged returns what was logged meanwhile; anything but JSON is an error.
func logged(t *testing.T, meanwhile func()) []logLine {
	t.Helper()
	var lines []logLine
	for text := range strings.Lines(telemetry.Logged(meanwhile)) {
		line := logLine{"": strings.TrimSuffix(text, "\n")} // the whole line, to see the order
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, line)
	}
	return lines
}

// only returns the logger's line, of which there must be exactly one.
func only(t *testing.T, lines []logLine, logger string) logLine {
	t.Helper()
	var found []logLine
	for _, line := range lines {
		if line["logger"] == logger {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines of %s in %v", len(found), logger, lines)
	}
	return found[0]
}

// sample is the value of a metric with exactly these labels, and whether there is one.
func sample(t *testing.T, name string, labels map[string]string) (float64, bool) {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			same := family.GetName() == name && len(metric.GetLabel()) == len(labels)
			for _, label := range metric.GetLabel() {
				same = same && labels[label.GetName()] == label.GetValue()
			}
			if same && metric.GetHistogram() != nil {
				return float64(metric.GetHistogram().GetSampleCount()), true
			}
			if same {
				return metric.GetGauge().GetValue(), true
			}
		}
	}
	return 0, false
}

func requestsCounted(t *testing.T, method, route, status string) float64 {
	t.Helper()
	count, _ := sample(t, "http_server_request_duration_seconds", map[string]string{
		"http_request_method": method, "http_route": route, "http_response_status_code": status,
	})
	return count
}
