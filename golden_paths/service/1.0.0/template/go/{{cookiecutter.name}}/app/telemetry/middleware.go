package telemetry

import (
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

var (
	unobservedPaths = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}
	knownMethods    = map[string]bool{
		"CONNECT": true, "DELETE": true, "GET": true, "HEAD": true, "OPTIONS": true,
		"PATCH": true, "POST": true, "PUT": true, "TRACE": true,
	}
	tracer = otel.Tracer("app.telemetry")
)

// ServeHTTP answers a request, with a span, a measurement and an access log line.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, route := s.routes.find(r)
	if unobservedPaths[r.URL.Path] {
		handler.ServeHTTP(w, r)
		return
	}
	method := r.Method
	if !knownMethods[method] {
		method = "_OTHER"
	}
	active := activeRequests.WithLabelValues(method)
	active.Inc()
	defer active.Dec()

	ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := tracer.Start(ctx, strings.TrimRight(method+" "+route, " "),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method), attribute.String("url.path", r.URL.Path)),
	)
	defer span.End()

	exchange := exchange{ResponseWriter: w, method: method, route: route, path: r.URL.Path, started: time.Now()}
	defer exchange.finish(ctx, span)
	handler.ServeHTTP(&exchange, r.WithContext(ctx))
}
