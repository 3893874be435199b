"""The endpoints, one module for each noun. Each function answers one endpoint of GitHub's REST API."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Declare every endpoint."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
