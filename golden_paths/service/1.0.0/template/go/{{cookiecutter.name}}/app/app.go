// Package app is the service {{ cookiecutter.name }}.
package app

import (
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/telemetry"
)

// New puts the service together.
//
// What must be open before the first request is opened here and closed by an OnStop of
// the service; what it cannot be ready without belongs in a check of its Health.
func New(s settings.Settings) (*telemetry.Service, error) {
	service, err := telemetry.New(s)
	if err != nil {
		return nil, err
	}
	if err := routes(service, s); err != nil {
		return nil, err
	}
	return service, nil
}
