// What the service does.
//
// The team owns this file. It goes with the example in routes.go: replace both.

package app

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	s := settings.Defaults()
	s.Version = "1.2.3"
	service, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	response := httptest.NewRecorder()
	service.ServeHTTP(response, httptest.NewRequest("GET", path, nil))
	return response
}

func TestAnswers(t *testing.T) {
	for path, want := range map[string]string{
		"/":        `{"service":"` + settings.Defaults().Service + `","version":"1.2.3"}`,
		"/items/1": `{"item_id":1,"name":"teapot","price":2400}`,
	} {
		response := get(t, path)
		if response.Code != 200 || response.Body.String() != want {
			t.Errorf("%s: %d %s, want %s", path, response.Code, response.Body, want)
		}
	}
}

func TestOthersAreRefused(t *testing.T) {
	for path, want := range map[string]int{"/items/99": 404, "/items/0": 422, "/items/x": 422} {
		if response := get(t, path); response.Code != want {
			t.Errorf("%s: %d, want %d", path, response.Code, want)
		}
	}
}

func TestWhatIsDescribedIsThere(t *testing.T) {
	var description struct {
		Info  struct{ Title, Version string }
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(get(t, "/openapi.json").Body.Bytes(), &description); err != nil {
		t.Fatal(err)
	}
	if description.Info.Title != settings.Defaults().Service || description.Info.Version != "1.2.3" {
		t.Errorf("it is about %+v", description.Info)
	}
	if len(description.Paths) != 2 {
		t.Errorf("it describes %d paths", len(description.Paths))
	}
	for path := range description.Paths {
		if response := get(t, strings.ReplaceAll(path, "{item_id}", "1")); response.Code != 200 {
			t.Errorf("%s: %d", path, response.Code)
		}
	}
}
