package telemetry_test

import (
	"maps"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

// spanOf is the one span that the service makes meanwhile.
func spanOf(t *testing.T, meanwhile func()) tracetest.SpanStub {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	processor := sdktrace.NewSimpleSpanProcessor(exporter)
	provider := otel.GetTracerProvider().(*sdktrace.TracerProvider)
	provider.RegisterSpanProcessor(processor)
	defer provider.UnregisterSpanProcessor(processor)
	meanwhile()
	spans := exporter.GetSpans()
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	return spans[0]
}

func TestTheCallersTraceGoesOnInEveryLine(t *testing.T) {
	service := newService(t)
	lines := logged(t, func() { ask(service, "GET", "/platform-test/things/7", "traceparent", traceparent) })
	own, access := only(t, lines, "thing"), only(t, lines, "app.access")
	if own["trace_id"] != traceID || access["trace_id"] != traceID || own["span_id"] != access["span_id"] {
		t.Errorf("%v\n%v", own, access)
	}
}

func TestEachRequestElseBeginsATrace(t *testing.T) {
	service := newService(t)
	nonsense := []string{"traceparent", "nonsense"}
	var ids []any
	for _, headers := range [][]string{nil, nonsense} {
		lines := logged(t, func() { ask(service, "GET", "/platform-test/things/7", headers...) })
		ids = append(ids, only(t, lines, "app.access")["trace_id"])
	}
	if ids[0] == "" || ids[1] == "" || ids[0] == ids[1] {
		t.Errorf("ids: %v", ids)
	}
}

func TestTheSpan(t *testing.T) {
	service := newService(t)
	span := spanOf(t, func() { ask(service, "GET", "/platform-test/things/7", "traceparent", traceparent) })
	if span.Name != "GET /platform-test/things/{thing}" || span.SpanKind != trace.SpanKindServer {
		t.Errorf("%s, %s", span.Name, span.SpanKind)
	}
	if span.SpanContext.TraceID().String() != traceID || span.Status.Code != codes.Unset {
		t.Errorf("%s, %v", span.SpanContext.TraceID(), span.Status)
	}
	attributes := map[string]string{}
	for _, member := range span.Attributes {
		attributes[string(member.Key)] = member.Value.Emit()
	}
	if want := map[string]string{
		"http.request.method":       "GET",
		"http.response.status_code": "200",
		"http.route":                "/platform-test/things/{thing}",
		"url.path":                  "/platform-test/things/7",
	}; !maps.Equal(attributes, want) {
		t.Errorf("attributes: %v", attributes)
	}
	defaults := settings.Defaults()
	for name, want := range map[string]string{"service.name": defaults.Service, "service.namespace": defaults.Team} {
		if found, _ := span.Resource.Set().Value(attribute.Key(name)); found.Emit() != want {
			t.Errorf("%s: %s", name, found.Emit())
		}
	}
}

func TestTheSpanOfAFailure(t *testing.T) {
	service := newService(t)
	span := spanOf(t, func() { ask(service, "GET", "/platform-test/crash") })
	if span.Status.Code != codes.Error || len(span.Events) != 1 || span.Events[0].Name != "exception" {
		t.Errorf("%v, %v", span.Status, span.Events)
	}
}
