"""What Grafana and Prometheus would say about a dashboard, without a Grafana: its types, and its queries' results."""
