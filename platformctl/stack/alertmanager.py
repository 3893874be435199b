"""An Alertmanager of our own with the organisation's routing, which can reach nobody's pager."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from platformctl.errors import BadConfig
from platformctl.model import Json
from platformctl.stack.child import Child, Program
from platformctl.stack.durations import duration, seconds
from platformctl.stack.loopback import HOST, answers, free_port, wait_or_end
from platformctl.stack.tools import Tools

_READY: Final = 30.0
"""Seconds that it may take to start; measured: 0.1."""
_DEFAULTS: Final = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
"""Alertmanager's own, where the first route says nothing. (docs: prometheus.io, Alerting, Configuration, `<route>`)"""
_KEPT: Final = ("inhibit_rules", "time_intervals", "mute_time_intervals")
"""What else of a configuration does not lead anywhere by itself; the rest, as `global`, may."""


def redirected(configuration: str, pager_url: str, keys: Path, speed: float = 1) -> tuple[str, Mapping[str, str]]:
    """A configuration whose pages all go to `pager_url`, and whose each random key stands for which key file.

    Receivers keep nothing but `pagerduty_configs`. Each key file of the original has one in the folder `keys` in its
    place, with a key of 32 characters. What routes wait for is divided by `speed`. Raises `BadConfig` for a text that
    is no such configuration.
    """
    import yaml

    try:
        given = yaml.safe_load(configuration)
        whole = {"route": given["route"], **{name: given[name] for name in _KEPT if name in given}}
        whole["receivers"] = [_receiver(receiver, pager_url) for receiver in given["receivers"]]
        for config in _pagers(whole["receivers"]):
            if not isinstance(config.get("routing_key_file"), str):
                raise ValueError("a receiver has no routing_key_file")
        if speed != 1:
            whole["route"] = _faster({**_DEFAULTS, **whole["route"]}, speed)
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as problem:
        said = f"it has no {problem}" if isinstance(problem, KeyError) else " ".join(str(problem).split())
        raise BadConfig(
            f"this is no configuration of Alertmanager that pages: {said}", where="alertmanager.yml"
        ) from None
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    made: dict[str, str] = {}
    for number, original in enumerate(sorted({config["routing_key_file"] for config in _pagers(whole["receivers"])})):
        file, key = keys / f"key-{number}", secrets.token_hex(16)
        file.write_text(key, encoding="ascii")
        made[key] = original
        for config in _pagers(whole["receivers"]):
            if config["routing_key_file"] == original:
                config["routing_key_file"] = str(file)
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), made


def _receiver(given: Mapping[str, Json], pager_url: str) -> dict[str, Json]:
    configs = [
        {**{name: value for name, value in config.items() if name != "http_config"}, "url": pager_url}
        for config in given.get("pagerduty_configs", ())
    ]
    return {"name": given["name"], **({"pagerduty_configs": configs} if configs else {})}


def _pagers(receivers: list[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for receiver in receivers:
        yield from receiver.get("pagerduty_configs", ())


def _faster(route: Mapping[str, Json], speed: float) -> dict[str, Json]:
    """A route and those below it, which wait so many times shorter."""
    faster = dict(route)
    for name in _DEFAULTS:
        if name in route:
            faster[name] = duration(seconds(str(route[name])) / speed)
    if "routes" in route:
        faster["routes"] = [_faster(below, speed) for below in route["routes"]]
    return faster


class Alertmanager(Program):
    """One that runs, at `url`."""

    def __init__(self, url: str, child: Child) -> None:
        self.url = url
        super().__init__(child)

    @classmethod
    def start(cls, tools: Tools, folder: Path, *, configuration: str, port: int = 0) -> Alertmanager:
        """Start one that keeps its files in `folder`. A port of 0 is any free one.

        Raises `NoAccess` without the program, `ToolFailed` when it does not start, as with a configuration that it
        cannot read.
        """
        program = tools.find("alertmanager")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "alertmanager.yml").write_text(configuration, encoding="utf-8")
        address = f"{HOST}:{port or free_port()}"
        options = [
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",  # without it, it waits three seconds for others and takes port 9094
            "--log.level=warn",
        ]
        child = Child.start("alertmanager", [program, *options], cwd=folder, log=folder / "alertmanager.log")
        started = cls(f"http://{address}", child)
        wait_or_end(lambda: answers(f"{started.url}/-/ready"), child, _READY, "Alertmanager")
        return started
