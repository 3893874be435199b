"""What Grafana would say about a dashboard, without a Grafana: its types."""
