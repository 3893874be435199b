"""What runs beside a service on one machine: Prometheus, Alertmanager, a pager, a collector of traces, Grafana."""
