package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

// configureTraces returns the process's tracer provider, which the first call makes:
// W3C trace context in; OTLP out, if the environment names an endpoint.
//
// Spans are made in any case, so that log lines always have a trace id. They are sent
// over gRPC, the protocol of port 4317, and no other is built in.
func configureTraces(s settings.Settings) (*sdktrace.TracerProvider, error) {
	if existing, ok := otel.GetTracerProvider().(*sdktrace.TracerProvider); ok {
		return existing, nil
	}
	about, err := resource.New(context.Background(),
		resource.WithService(),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
		resource.WithAttributes(
			attribute.String("service.name", s.Service),
			attribute.String("service.namespace", s.Team),
			attribute.String("service.version", s.Version),
			attribute.String("deployment.environment.name", s.Environment),
		),
	)
	if err != nil {
		return nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about))
	if s.OTLPEndpoint != "" {
		exporter, err := newExporter(s.OTLPEndpoint)
		if err != nil {
			return nil, err
		}
		provider.RegisterSpanProcessor(sdktrace.NewBatchSpanProcessor(exporter))
	}
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{},
	))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		slog.Warn("OpenTelemetry failed", "logger", "opentelemetry", "error", err)
	}))
	return provider, nil
}

func newExporter(endpoint string) (sdktrace.SpanExporter, error) {
	if protocol, set := os.LookupEnv("OTEL_EXPORTER_OTLP_PROTOCOL"); set && protocol != "grpc" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q; only gRPC is built in: "+
			"unset it, and name an endpoint that speaks gRPC", protocol)
	}
	address, err := url.Parse(endpoint)
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT is %q; it takes a URL such as http://otel-collector:4317", endpoint)
	}
	return otlptracegrpc.New(context.Background(), otlptracegrpc.WithEndpointURL(endpoint))
}
