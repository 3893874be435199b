// What the service does.
//
// The team owns this file. It is an example: replace it.

package app

import (
	_ "embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/telemetry"
)

// openAPI describes the routes below; title and version are the service's.
//
//go:embed openapi.json
var openAPI []byte

// Item is something the service knows about; prices are in cents.
type Item struct {
	ItemID int    `json:"item_id"`
	Name   string `json:"name"`
	Price  int    `json:"price"`
}

var items = map[int]Item{
	1: {ItemID: 1, Name: "teapot", Price: 2400},
	2: {ItemID: 2, Name: "cup", Price: 600},
}

func routes(service *telemetry.Service, s settings.Settings) error {
	var description map[string]any
	if err := json.Unmarshal(openAPI, &description); err != nil {
		return err
	}
	description["info"] = map[string]string{"title": s.Service, "version": s.Version}

	service.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		telemetry.JSON(w, http.StatusOK, map[string]string{"service": s.Service, "version": s.Version})
	})
	service.HandleFunc("GET /items/{item_id}", readItem)
	service.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		telemetry.JSON(w, http.StatusOK, description)
	})
	return nil
}

// readItem returns one item, or 404 when there is none with this number.
func readItem(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("item_id"))
	if err != nil || id < 1 {
		telemetry.Refuse(w, http.StatusUnprocessableEntity, "item_id is a whole number from 1 on")
		return
	}
	item, known := items[id]
	if !known {
		slog.InfoContext(r.Context(), "item not found", "item_id", id)
		telemetry.Refuse(w, http.StatusNotFound, "item not found")
		return
	}
	telemetry.JSON(w, http.StatusOK, item)
}
