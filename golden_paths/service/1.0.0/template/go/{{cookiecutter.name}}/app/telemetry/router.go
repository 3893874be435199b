package telemetry

import (
	"net/http"
	"strings"
)

// router is a ServeMux that tells the route of a request and refuses as JSON.
type router struct{ *http.ServeMux }

// find returns what answers the request, and the template of the route that matches it,
// such as `/items/{item_id}`, even if another method is asked for.
//
// The template is empty when no route matches: paths that anyone may invent must not
// become label values.
func (m router) find(r *http.Request) (http.Handler, string) {
	plain, pattern := m.Handler(r)
	if pattern != "" {
		return m.ServeMux, template(pattern)
	}
	refusal := refusal{header: http.Header{}}
	plain.ServeHTTP(&refusal, r)
	switch refusal.status {
	case http.StatusNotFound:
		return refuse(refusal), ""
	case http.StatusMethodNotAllowed:
		allowed := r.WithContext(r.Context())
		allowed.Method, _, _ = strings.Cut(refusal.header.Get("Allow"), ",")
		_, pattern = m.Handler(allowed)
		return refuse(refusal), template(pattern)
	default:
		return plain, "" // the way to a path without `//` or `..`
	}
}

// template is a pattern without its method and without what only ServeMux writes so.
func template(pattern string) string {
	path := pattern[strings.IndexByte(pattern, '/'):]
	return strings.ReplaceAll(strings.TrimSuffix(path, "{$}"), "...}", "}")
}

// refuse says as JSON what a plain refusal said.
func refuse(plain refusal) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if allow := plain.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		Refuse(w, plain.status, http.StatusText(plain.status))
	}
}

// refusal takes a plain refusal apart; its text goes nowhere.
type refusal struct {
	header http.Header
	status int
}

func (w *refusal) Header() http.Header { return w.header }

func (w *refusal) WriteHeader(status int) { w.status = status }

func (w *refusal) Write(text []byte) (int, error) { return len(text), nil }
