package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

var buildInfo = promauto.NewGaugeVec(prometheus.GaugeOpts{
	Name: "service_build_info",
	Help: "Which version of the service is running; the value is always 1.",
}, []string{"service", "team", "environment", "tier", "version"})

// configureBuildInfo says which version is running.
func configureBuildInfo(s settings.Settings) {
	buildInfo.Reset()
	buildInfo.WithLabelValues(s.Service, s.Team, s.Environment, s.Tier, s.Version).Set(1)
}
