"""A platform whose dashboards are in the fake Grafana, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from platformctl.config import load_file
from platformctl.testing.grafana import FakeGrafana

TOKEN: Final = "glsa_canary000000000000000000000000_00000000"
"""Of an administrator's service account: it must be found nowhere."""
VARIABLE: Final = "PLATFORMCTL_TEST_GRAFANA"


def platform(grafana: FakeGrafana, **settings: Any) -> dict[str, Any]:
    """A platform.yaml for it, as data."""
    grafana.token(TOKEN)
    section = {"kind": "http", "url": grafana.url, "token": f"env:{VARIABLE}", "timeout_seconds": 10, **settings}
    return {
        "schema": 1,
        "organisation": "acme",
        "grafana": section,
        "teams": [{"slug": "payments", "name": "Payments", "paging": "secret:payments"}],
    }


def completed(grafana: FakeGrafana, folder: Path, **settings: Any) -> Mapping[str, Any]:
    """The same with defaults filled in, as backends get it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "platform.yaml"
    file.write_text(yaml.safe_dump(platform(grafana, **settings)))
    return load_file(file).data
