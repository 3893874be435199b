package telemetry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

func TestMetricsAreScraped(t *testing.T) {
	service := newService(t)
	ask(service, "GET", "/platform-test/things/1")
	response := ask(service, "GET", "/metrics")
	if kind := response.Header().Get("Content-Type"); response.Code != 200 || !strings.HasPrefix(kind, "text/plain") {
		t.Fatalf("%d %s", response.Code, kind)
	}
	for _, want := range []string{
		"# TYPE http_server_request_duration_seconds histogram",
		"# TYPE http_server_active_requests gauge",
		"# TYPE service_build_info gauge",
		"# TYPE process_cpu_seconds_total counter",
		"# TYPE process_resident_memory_bytes gauge",
		`http_server_active_requests{http_request_method="GET"} 0`,
	} {
		if !slices.Contains(strings.Split(response.Body.String(), "\n"), want) {
			t.Errorf("no line %s", want)
		}
	}
	defaults := settings.Defaults()
	if value, _ := sample(t, "service_build_info", map[string]string{
		"service": defaults.Service, "team": defaults.Team, "environment": "test", "tier": defaults.Tier, "version": "1.2.3",
	}); value != 1 {
		t.Errorf("service_build_info is %v", value)
	}
}

func TestBucketsAndLabels(t *testing.T) {
	ask(newService(t), "GET", "/platform-test/things/1")
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "http_server_request_duration_seconds" {
			continue
		}
		metric := family.GetMetric()[0]
		labels := map[string]bool{}
		for _, label := range metric.GetLabel() {
			labels[label.GetName()] = true
		}
		wanted := map[string]bool{"http_request_method": true, "http_route": true, "http_response_status_code": true}
		if !maps.Equal(labels, wanted) {
			t.Errorf("labels: %v", labels)
		}
		var bounds []float64
		for _, bucket := range metric.GetHistogram().GetBucket() {
			bounds = append(bounds, bucket.GetUpperBound())
		}
		if !slices.Equal(bounds, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}) {
			t.Errorf("bounds: %v", bounds)
		}
		return
	}
	t.Error("there is no histogram")
}

func TestRequestsAreCountedUnderTheTemplateOfTheirRoute(t *testing.T) {
	service := newService(t)
	for _, test := range []struct{ method, path, countedAs, route, status string }{
		{"GET", "/things/7", "GET", "/platform-test/things/{thing}", "200"},
		{"POST", "/things/7", "POST", "/platform-test/things/{thing}", "405"},
		{"BREW", "/things/7", "_OTHER", "/platform-test/things/{thing}", "405"},
		{"GET", "/files/a/b", "GET", "/platform-test/files/{path}", "200"},
		{"GET", "/no/such/path", "GET", "", "404"},
		{"GET", "/../no/such/path", "GET", "", "307"},
		{"GET", "/unavailable", "GET", "/platform-test/unavailable", "503"},
		{"GET", "/crash", "GET", "/platform-test/crash", "500"},
	} {
		before := requestsCounted(t, test.countedAs, test.route, test.status)
		ask(service, test.method, "/platform-test"+test.path)
		if after := requestsCounted(t, test.countedAs, test.route, test.status); after != before+1 {
			t.Errorf("%s %s: counted %v times", test.method, test.path, after-before)
		}
	}
}

func TestNoRequestStaysActive(t *testing.T) {
	ask(newService(t), "GET", "/platform-test/crash")
	active, known := sample(t, "http_server_active_requests", map[string]string{"http_request_method": "GET"})
	if !known || active != 0 {
		t.Errorf("%v, %v", active, known)
	}
}

func TestThePlatformsOwnRequestsAreNeitherCountedNorLogged(t *testing.T) {
	service := newService(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if lines := logged(t, func() { ask(service, "GET", path) }); len(lines) != 0 {
			t.Errorf("%s: logged %v", path, lines)
		}
		for _, status := range []string{"200", "503"} {
			if count := requestsCounted(t, "GET", path, status); count != 0 {
				t.Errorf("%s: counted %v times", path, count)
			}
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	service := newService(t)
	missing := ask(service, "GET", "/platform-test/no/such/path")
	if missing.Body.String() != `{"detail":"Not Found"}` || missing.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s %s", missing.Body, missing.Header())
	}
	wrong := ask(service, "POST", "/platform-test/things/7")
	if wrong.Body.String() != `{"detail":"Method Not Allowed"}` || wrong.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%s %s", wrong.Body, wrong.Header())
	}
}
