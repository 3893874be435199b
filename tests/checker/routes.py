"""Layer `routes`: whom alerts reach, by amtool, and whose key is used there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from tests.checker import Finding
from tests.checker.promise import Promise
from tests.debian import tool

SILENT: Final = "default"
"""The receiver of whatever belongs to nobody; it tells nobody."""


def findings(configuration: str, promises: Sequence[Promise], folder: Path) -> Iterator[Finding]:
    """What is wrong for these services, one environment each. `folder` may be written to."""
    (folder / "alertmanager.yml").write_text(configuration)
    receivers = {one["name"]: one for one in yaml.safe_load(configuration)["receivers"]}
    for promise in promises:
        due = key_of(promise)
        for name in _reached(promise, folder):
            if (used := keys(receivers[name])) != [due]:
                what = f"they reach {name}, which has {', '.join(used) or 'no key'} and not {due}"
                yield Finding("alertmanager", f"alerts of {promise.service}", what)
        for stranger in (replace(promise, environment="production"), replace(promise, service="somebody-else")):
            if (reached := _reached(stranger, folder)) != [SILENT]:
                where = f"alerts of {stranger.service} in {stranger.environment}"
                yield Finding("alertmanager", where, f"nobody has it, and they reach {', '.join(reached)}")


def key_of(promise: Promise) -> str:
    """The file that has a team's key, where the platform's reference is `secret:TEAM`."""
    return f"secret-{promise.team}"


def keys(receiver: Mapping[str, Any]) -> list[str]:
    """The files from which a receiver has its keys."""
    return [Path(one["routing_key_file"]).name for one in receiver.get("pagerduty_configs", ())]


def _reached(promise: Promise, folder: Path) -> list[str]:
    """The receivers of its alerts."""
    labels = [f"{name}={value}" for name, value in {**promise.labels, "team": promise.team}.items()]
    command = [tool("amtool"), "config", "routes", "test", "--config.file=alertmanager.yml", *labels]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip().split(",")
