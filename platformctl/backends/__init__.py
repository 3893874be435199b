"""Ports and their backends: one folder a port, its protocol in `__init__`, one file a backend."""
