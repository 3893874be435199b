package telemetry

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// JSON answers with a value; it panics when the value cannot be written as JSON.
func JSON(w http.ResponseWriter, status int, value any) {
	text, err := marshal(value)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client is gone; the status is in the log
}

// Refuse answers with the reason for a refusal.
func Refuse(w http.ResponseWriter, status int, reason string) {
	JSON(w, status, map[string]string{"detail": reason})
}

// marshal writes a value on one line, with `<` and `&` as they are.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
