"""Logs, metrics, traces and health, the same in every service.

The platform owns this folder: change it in the golden path, not here.
"""

from app.telemetry.service import Service

__all__ = ["Service"]
