package telemetry_test

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/telemetry"
)

const failure = "/drill/failure"

func serviceWithDrill(t *testing.T, drill bool) *telemetry.Service {
	t.Helper()
	s := settings.Defaults()
	s.Environment, s.Version, s.Drill = "test", "1.2.3", drill
	service, err := telemetry.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestThereIsADrillOnlyWhereItIsOn(t *testing.T) {
	for value, want := range map[string]bool{"on": true, "": false, "off": false, "true": false, "ON": false} {
		found, err := settings.FromEnvironment(lookup(map[string]string{"SERVICE_DRILL": value}))
		if err != nil || found.Drill != want {
			t.Errorf("%q: %t, %v", value, found.Drill, err)
		}
	}
	if settings.Defaults().Drill {
		t.Error("it is on by default")
	}
	if response := ask(serviceWithDrill(t, false), "GET", failure); response.Code != 404 {
		t.Errorf("off: %d", response.Code)
	}
}

func TestAFailureOnPurposeLooksLikeABug(t *testing.T) {
	before := requestsCounted(t, "GET", failure, "500")
	var bug, answer *httptest.ResponseRecorder
	_ = logged(t, func() { bug = ask(newService(t), "GET", "/platform-test/crash") })
	service := serviceWithDrill(t, true)
	lines := logged(t, func() {
		span := spanOf(t, func() { answer = ask(service, "GET", failure, "traceparent", traceparent) })
		if span.Status.Code != codes.Error || len(span.Events) != 1 || span.Events[0].Name != "exception" {
			t.Errorf("%v, %v", span.Status, span.Events)
		}
	})
	if answer.Code != bug.Code || answer.Body.String() != bug.Body.String() {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if !maps.EqualFunc(answer.Header(), bug.Header(), slices.Equal[[]string]) {
		t.Errorf("headers: %v", answer.Header())
	}
	if after := requestsCounted(t, "GET", failure, "500"); after != before+1 {
		t.Errorf("counted: %v", after-before)
	}
	if access := only(t, lines, "app.access"); access["http_route"] != failure || access["level"] != "ERROR" {
		t.Errorf("%v", access)
	}
	line := only(t, lines, "app.error")
	if line["exception_message"] != "this is a drill" || line["trace_id"] != traceID {
		t.Errorf("%v", line)
	}
	if stack, _ := line["exception_stacktrace"].(string); !strings.Contains(stack, "drill.go") {
		t.Errorf("stack: %s", stack)
	}
}
