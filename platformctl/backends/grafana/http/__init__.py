"""Grafana through its HTTP API: the one below `/apis` where the server offers it, else the older one below `/api`."""
