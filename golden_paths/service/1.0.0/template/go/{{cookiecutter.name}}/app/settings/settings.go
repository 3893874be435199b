// Package settings is what the environment tells the service.
package settings

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// LevelCritical is what a service logs before it gives up.
const LevelCritical = slog.LevelError + 4

var levels = map[string]slog.Level{
	"DEBUG":    slog.LevelDebug,
	"INFO":     slog.LevelInfo,
	"WARNING":  slog.LevelWarn,
	"ERROR":    slog.LevelError,
	"CRITICAL": LevelCritical,
}

// Settings are the service's settings.
type Settings struct {
	Service      string
	Team         string
	Environment  string
	Tier         string
	Version      string
	Host         string
	Port         int
	LogLevel     slog.Level
	OTLPEndpoint string
	Drill        bool // whether it can be made to fail on purpose, for `platformctl prove`
}

// Defaults are for running the service by hand.
func Defaults() Settings {
	return Settings{
		Service:     "{{ cookiecutter.name }}",
		Team:        "{{ cookiecutter.team }}",
		Environment: "local",
		Tier:        "{{ cookiecutter.tier }}",
		Version:     "dev",
		Host:        "0.0.0.0",
		Port:        8080,
		LogLevel:    slog.LevelInfo,
	}
}

// FromEnvironment reads the settings from environment variables, which lookup finds
// as [os.LookupEnv] does. The error names the variable that cannot be used.
func FromEnvironment(lookup func(name string) (string, bool)) (Settings, error) {
	s := Defaults()
	for name, target := range map[string]*string{
		"SERVICE_NAME":                &s.Service,
		"SERVICE_TEAM":                &s.Team,
		"SERVICE_ENVIRONMENT":         &s.Environment,
		"SERVICE_TIER":                &s.Tier,
		"SERVICE_VERSION":             &s.Version,
		"HOST":                        &s.Host,
		"OTEL_EXPORTER_OTLP_ENDPOINT": &s.OTLPEndpoint,
	} {
		if value, ok := lookup(name); ok {
			*target = value
		}
	}
	if value, ok := lookup("PORT"); ok {
		port, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return s, fmt.Errorf("PORT is %q; it takes a number up to 65535", value)
		}
		s.Port = int(port)
	}
	if value, ok := lookup("LOG_LEVEL"); ok {
		level, known := levels[strings.ToUpper(value)]
		if !known {
			return s, fmt.Errorf("LOG_LEVEL is %q; it takes debug, info, warning, error or critical", value)
		}
		s.LogLevel = level
	}
	drill, _ := lookup("SERVICE_DRILL")
	s.Drill = drill == "on"
	return s, nil
}
