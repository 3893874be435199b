package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const checkTimeout = time.Second

type state string

const (
	starting state = "starting"
	running  state = "running"
	stopping state = "stopping"
)

// Check returns nil while what it looks at can be used.
type Check func(ctx context.Context) error

// Health is the service's state, and the checks that must pass for it to be ready.
type Health struct {
	mutex  sync.Mutex
	state  state
	checks []namedCheck
}

type namedCheck struct {
	name string
	run  Check
}

func newHealth() *Health { return &Health{state: starting} }

// AddCheck has `/readyz` run the check each time.
//
// The check fails by an error, or by taking longer than a second. Check only what the
// service cannot do without: all its replicas become unready together.
func (h *Health) AddCheck(name string, check Check) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.checks = append(h.checks, namedCheck{name, check})
}

func (h *Health) set(state state) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.state = state
}

func (h *Health) now() (state, []namedCheck) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.state, h.checks
}

type status struct {
	Status string   `json:"status"`
	Checks []string `json:"checks,omitempty"`
}

// live answers `/healthz`: 200 for as long as the process can answer at all.
func (h *Health) live(w http.ResponseWriter, r *http.Request) {
	JSON(w, http.StatusOK, status{Status: "alive"})
}

// ready answers `/readyz`: 200 while it runs and its checks pass, else 503.
func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	state, checks := h.now()
	if state != running {
		JSON(w, http.StatusServiceUnavailable, status{Status: string(state)})
		return
	}
	if failing := failing(r.Context(), checks); len(failing) > 0 {
		JSON(w, http.StatusServiceUnavailable, status{Status: "failing", Checks: failing})
		return
	}
	JSON(w, http.StatusOK, status{Status: "ready"})
}

func failing(ctx context.Context, checks []namedCheck) []string {
	results := make([]error, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { results[i] = inTime(ctx, check.run) })
	}
	group.Wait()
	var names []string
	for i, err := range results {
		if err != nil {
			names = append(names, checks[i].name)
			slog.WarnContext(ctx, "readiness check "+checks[i].name+" failed", "logger", "app.telemetry.health", "error", err)
		}
	}
	return names
}

// inTime does not wait for a check that takes too long, even if it ignores its context.
func inTime(ctx context.Context, check Check) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		defer func() {
			if failure := recover(); failure != nil {
				result <- fmt.Errorf("panic: %v", failure)
			}
		}()
		result <- check(ctx)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
