"""A Prometheus of our own, which scrapes what runs here and judges it by given rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.stack.child import Child, Program
from platformctl.stack.durations import duration
from platformctl.stack.loopback import HOST, answers, free_port, get, wait_or_end
from platformctl.stack.tools import Tools

_READY: Final = 30.0
"""Seconds that it may take to start; measured: 0.1, cold 0.5."""
_ANSWER: Final = 30.0
"""Seconds that one query may take."""


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """Prometheus cannot make sense of a query; it says why."""


@dataclass(frozen=True)
class Target:
    """What is scraped, and the labels that its series get. `url` is whole: `http://127.0.0.1:8080/metrics`."""

    url: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Sample:
    """One value of one series. What is no number is NaN."""

    labels: Mapping[str, str]
    at: float
    value: float


@dataclass(frozen=True)
class Samples:
    """The values of one series over time: Unix seconds and value."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


class Prometheus(Program):
    """One that runs, at `url`."""

    def __init__(self, url: str, child: Child) -> None:
        self.url = url
        super().__init__(child)

    @classmethod
    def start(
        cls,
        tools: Tools,
        folder: Path,
        *,
        targets: Sequence[Target],
        rules: str | None = None,
        alertmanager: str = "",
        interval: float,
        port: int = 0,
    ) -> Prometheus:
        """Start one that keeps its files in `folder`, with the text of a rule file and an Alertmanager's URL.

        It scrapes and evaluates every `interval` seconds, but for groups of rules with an interval of their own. Five
        seconds go by before it scrapes for the first time, whatever the interval. A port of 0 is any free one. Raises
        `NoAccess` without the program, `ToolFailed` when it does not start, as with rules that it cannot read.
        """
        program = tools.find("prometheus")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rules.yml").write_text(rules or "", encoding="utf-8")
        config = _configuration(targets, bool(rules), alertmanager, interval)
        (folder / "prometheus.yml").write_text(json.dumps(config, indent=2), encoding="utf-8")
        address = f"{HOST}:{port or free_port()}"
        options = [
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--log.level=warn",
        ]
        child = Child.start("prometheus", [program, *options], cwd=folder, log=folder / "prometheus.log")
        started = cls(f"http://{address}", child)
        wait_or_end(lambda: answers(f"{started.url}/-/ready"), child, _READY, "Prometheus")
        return started

    def ask(self, path: str, **parameters: str | float) -> Any:
        """The `data` of an answer of its API, `ask("targets")`.

        Raises `Refused` with what it says, and `ToolFailed` when it does not answer.
        """
        try:
            status, body = get(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", _ANSWER)
            answer = json.loads(body)
        except (OSError, ValueError) as problem:
            raise ToolFailed(f"Prometheus does not answer: {problem}", where=self.url) from None
        if status != 200:
            raise Refused(str(answer.get("error", f"status {status}")))
        return answer["data"]

    def query(self, expr: str, at: float | None = None) -> Sequence[Sample]:
        """The values at a moment, in Unix seconds; now by default. A plain number has no labels. Raises `Refused`."""
        found = self.ask("query", query=expr, **({} if at is None else {"time": at}))
        if found["resultType"] == "scalar":
            return [Sample({}, float(found["result"][0]), float(found["result"][1]))]
        return [
            Sample(series["metric"], float(series["value"][0]), float(series["value"][1])) for series in found["result"]
        ]

    def query_range(self, expr: str, begin: float, end: float, step: float) -> Sequence[Samples]:
        """The values from one moment to another, `step` seconds apart. Raises `Refused`."""
        found = self.ask("query_range", query=expr, start=begin, end=end, step=step)["result"]
        return [
            Samples(series["metric"], [(float(at), float(value)) for at, value in series["values"]]) for series in found
        ]

    def alerts(self) -> Sequence[Mapping[str, Json]]:
        """Alerts that are pending or firing: `labels`, `annotations`, `state`, `activeAt`."""
        found: Sequence[Mapping[str, Json]] = self.ask("alerts")["alerts"]
        return found

    def rules(self) -> Sequence[Mapping[str, Json]]:
        """Every rule of every group: `name`, `type`, `health` (`ok`, `err`, `unknown`), `lastError`."""
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]


def _configuration(targets: Sequence[Target], rules: bool, alertmanager: str, interval: float) -> Mapping[str, Json]:
    every = duration(interval)
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": ["rules.yml"] if rules else [],
        "alerting": {"alertmanagers": [_servers(alertmanager)] if alertmanager else []},
        "scrape_configs": [
            {"job_name": f"target-{number}", **_scraped(target)} for number, target in enumerate(targets)
        ],
    }


def _scraped(target: Target) -> Mapping[str, Json]:
    """One job a target: only a job has a path."""
    place = urlsplit(target.url)
    labels = {"job": target.labels.get("service", "service"), **target.labels}
    return {
        "metrics_path": place.path or "/metrics",
        "static_configs": [{"targets": [place.netloc], "labels": labels}],
    }


def _servers(url: str) -> Mapping[str, Json]:
    return {"static_configs": [{"targets": [urlsplit(url).netloc]}]}
