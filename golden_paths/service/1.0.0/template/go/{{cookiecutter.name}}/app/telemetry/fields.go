package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
)

// field is one member of a log line's JSON object.
type field struct {
	name  string
	value any
}

// flatten appends an attribute, or in place of a group what is in it.
func flatten(fields []field, group string, attribute slog.Attr) []field {
	value := attribute.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		if attribute.Key != "" {
			group += attribute.Key + "."
		}
		for _, inner := range value.Group() {
			fields = flatten(fields, group, inner)
		}
		return fields
	case slog.KindDuration:
		return append(fields, field{group + attribute.Key, value.Duration().String()})
	}
	if err, ok := value.Any().(error); ok {
		return append(fields, field{"exception_type", fmt.Sprintf("%T", err)}, field{"exception_message", fmt.Sprint(err)})
	}
	if attribute.Equal(slog.Attr{}) {
		return fields
	}
	return append(fields, field{group + attribute.Key, value.Any()})
}

// object is one line of JSON, with a space after each comma and colon.
func object(fields []field) []byte {
	members := make([][]byte, len(fields))
	for i, f := range fields {
		members[i] = append(append(text(f.name), ": "...), text(f.value)...)
	}
	return append(append([]byte("{"), bytes.Join(members, []byte(", "))...), "}\n"...)
}

// text is a value as JSON; what JSON cannot express is better as text than lost.
func text(value any) (written []byte) {
	defer func() {
		if failure := recover(); failure != nil {
			written, _ = marshal(fmt.Sprintf("%T: %v", value, failure))
		}
	}()
	written, err := marshal(value)
	if unsupported := (*json.UnsupportedValueError)(nil); errors.As(err, &unsupported) {
		written, err = marshal(unsupported.Str)
	}
	if err != nil {
		written, _ = marshal(err.Error())
	}
	return written
}
