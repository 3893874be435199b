"""A Grafana of our own that shows one dashboard with the data of our own Prometheus.

It is made to Grafana's documentation ("Configure Grafana", "Provision Grafana") and has never met a real one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.stack.child import Child, Program
from platformctl.stack.loopback import HOST, answers, free_port, wait_until
from platformctl.stack.tools import Tools

_READY: Final = 120.0
"""Seconds that it may take to start; the first time it makes a database."""


class Grafana(Program):
    """One that runs, or is starting, at `url`; who looks needs no account."""

    def __init__(self, url: str, child: Child) -> None:
        self.url = url
        super().__init__(child)

    @classmethod
    def start(
        cls,
        tools: Tools,
        folder: Path,
        *,
        prometheus: str,
        interval: float,
        dashboard: Mapping[str, Json] | None = None,
        port: int = 0,
    ) -> Grafana:
        """Start one that keeps its files in `folder`, and go on; `wait` waits.

        Its data source is a Prometheus at a URL that scrapes every `interval` seconds. A port of 0 is any free one.
        Raises `NoAccess` without the program, `ToolFailed` when it cannot be started.
        """
        program = tools.find("grafana")
        home = _home(Path(program))
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in provisioning(folder, prometheus, interval, dashboard).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        port = port or free_port()
        command = [program, "server", f"--homepath={home}", f"--config={folder / 'grafana.ini'}"]
        env = {key: value for key, value in os.environ.items() if not key.startswith("GF_")} | settings(folder, port)
        child = Child.start("grafana", command, cwd=folder, env=env, log=folder / "grafana.log")
        return cls(f"http://{HOST}:{port}", child)

    def wait(self, seconds: float = _READY) -> None:
        """Wait until it answers. Raises `ToolFailed` with the end of its log when it ends, or does not get there."""
        wait_until(lambda: answers(f"{self.url}/api/health"), self.child, seconds, "Grafana")


def settings(folder: Path, port: int) -> dict[str, str]:
    """Its settings as environment variables, which come before those of any file.

    (docs: grafana.com, "Configure Grafana", "Override configuration with environment variables")
    """
    return {
        "GF_SERVER_HTTP_ADDR": HOST,
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_LOGS": str(folder / "logs"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(folder / "provisioning"),
        "GF_LOG_MODE": "console",
        "GF_LOG_LEVEL": "warn",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        "GF_AUTH_DISABLE_LOGIN_FORM": "true",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    }


def provisioning(
    folder: Path, prometheus: str, interval: float, dashboard: Mapping[str, Json] | None
) -> Mapping[str, str]:
    """What it reads when it starts, by path in `folder`. (docs: grafana.com, "Provision Grafana")"""
    source = {
        "name": "Prometheus",
        "type": "prometheus",
        "uid": "prometheus",
        "access": "proxy",
        "url": prometheus,
        "isDefault": True,
        "jsonData": {"timeInterval": f"{interval:g}s", "httpMethod": "POST"},
    }
    dashboards = _plain(str(folder / "dashboards"))
    provider = {"name": "platformctl", "type": "file", "allowUiUpdates": False, "options": {"path": dashboards}}
    files = {
        "grafana.ini": "",
        "provisioning/datasources/prometheus.yaml": json.dumps({"apiVersion": 1, "datasources": [source]}),
        "provisioning/dashboards/platformctl.yaml": json.dumps({"apiVersion": 1, "providers": [provider]}),
    }
    if dashboard is not None:
        files["dashboards/dashboard.json"] = json.dumps(dashboard)
    return files


def _plain(text: str) -> str:
    """A text in which Grafana looks up no variable."""
    return text.replace("$", "$$")


def _home(program: Path) -> Path:
    """Where Grafana's own files are: beside the program, as its archive and the packages have them."""
    real = program.resolve().parents
    for folder in (*real[1:2], *(base / "share" / "grafana" for base in real[1:2]), Path("/usr/share/grafana")):
        if (folder / "conf" / "defaults.ini").is_file():
            return folder
    raise ToolFailed(
        "Grafana's own files are not found", where=str(program), hint="Put the program of its archive on PATH"
    )
