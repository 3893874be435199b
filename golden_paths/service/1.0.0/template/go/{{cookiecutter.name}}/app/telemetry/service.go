// Package telemetry is logs, metrics, traces and health, the same in every service.
//
// The platform owns this folder: change it in the golden path, not here.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

// Requests in progress get this long, then the last traces as long again; the
// orchestrator's patience (30 s, less 5 s of notice) must cover both.
const patience = 10 * time.Second

// Service is an HTTP service that the platform can watch.
type Service struct {
	Health *Health

	routes router
	traces *sdktrace.TracerProvider
	onStop []func(context.Context) error
}

// New returns a service with the routes that the platform relies on.
func New(s settings.Settings) (*Service, error) {
	configureLogs(s)
	traces, err := configureTraces(s)
	if err != nil {
		return nil, err
	}
	configureBuildInfo(s)
	service := &Service{Health: newHealth(), routes: router{http.NewServeMux()}, traces: traces}
	service.HandleFunc("GET /healthz", service.Health.live)
	service.HandleFunc("GET /readyz", service.Health.ready)
	service.Handle("GET /metrics", promhttp.HandlerFor(prometheus.DefaultGatherer, promhttp.HandlerOpts{}))
	if s.Drill {
		service.HandleFunc("GET /drill/failure", failOnPurpose)
	}
	return service, nil
}

// Handle adds a route; the pattern is one of [http.ServeMux].
func (s *Service) Handle(pattern string, handler http.Handler) {
	s.routes.Handle(pattern, handler)
}

// HandleFunc adds a route; the pattern is one of [http.ServeMux].
func (s *Service) HandleFunc(pattern string, handler http.HandlerFunc) {
	s.routes.Handle(pattern, handler)
}

// OnStop has the service call close after its last request, the latest addition first.
func (s *Service) OnStop(close func(context.Context) error) {
	s.onStop = append(s.onStop, close)
}

// Run answers requests until ctx is done, then finishes those that are in progress.
func (s *Service) Run(ctx context.Context, listener net.Listener) error {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	logger := slog.With("logger", "http.server")
	server := &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Health.set(running)
	logger.Info("listening on " + listener.Addr().String())

	var failure error
	select {
	case failure = <-served:
	case <-ctx.Done():
		s.Health.set(stopping)
		failure = finish(server, cancel)
	}
	failure = errors.Join(failure, s.stop())
	logger.Info("shutdown complete")
	return failure
}

// finish waits for the requests in progress, and cuts off those that take too long.
func finish(server *http.Server, cut context.CancelFunc) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("requests in progress were cut off", "logger", "http.server")
		cut()
		return server.Close()
	}
	return err
}

func (s *Service) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var failures []error
	for _, close := range slices.Backward(s.onStop) {
		failures = append(failures, close(ctx))
	}
	if err := s.traces.ForceFlush(ctx); err != nil {
		slog.Warn("the last traces were not sent", "error", err)
	}
	return errors.Join(failures...)
}
