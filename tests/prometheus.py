"""A real Prometheus that knows given samples, evaluates given rules and scrapes nothing."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.debian import tool

STEP: Final = 30
"""Seconds between two samples."""
_READY: Final = 30.0
"""Seconds that it may take to start."""

Labels = tuple[tuple[str, str], ...]
Value = Callable[[float], float | None]
"""A sample's value by the seconds since the first one; None where there is none."""


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """Prometheus cannot make sense of a query."""


@dataclass(frozen=True)
class Prometheus:
    """One that runs, at `url`."""

    url: str

    def ask(self, path: str, **parameters: str | float) -> Any:
        """The `data` of an answer of its API. Raises `Refused` with what it says."""
        try:
            with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=30) as answer:
                return json.load(answer)["data"]
        except HTTPError as problem:
            raise Refused(json.load(problem)["error"]) from None

    def at(self, query: str, when: float) -> dict[Labels, float]:
        """The values at a moment, by labels; those that are no number are left out."""
        found = self.ask("query", query=query, time=when)["result"]
        values = {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in found}
        return {labels: value for labels, value in values.items() if not math.isnan(value)}

    def over(self, query: str, begin: float, end: float, step: float) -> dict[Labels, dict[float, float]]:
        """The values by moment, by labels."""
        found = self.ask("query_range", query=query, start=begin, end=end, step=step)["result"]
        return {
            tuple(sorted(one["metric"].items())): {float(when): float(value) for when, value in one["values"]}
            for one in found
        }


def stored(series: Mapping[str, Value], begin: float, length: float, folder: Path) -> Path:
    """Data with these series (`up{service="x"}`), sampled every 30 s from `begin` for `length` seconds."""
    samples, data = folder / "samples.om", folder / "data"
    ordered = {name: series[name] for name in sorted(series, key=lambda name: (name.partition("{")[0], name))}
    samples.write_text("".join(_lines(ordered, begin, length)) + "# EOF\n")
    command: Sequence[str | Path] = [tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", samples, data]
    subprocess.run(command, check=True, capture_output=True)
    return data


@contextmanager
def running(data: Path, folder: Path, rules: Path | None = None) -> Iterator[Prometheus]:
    """A Prometheus on this data, which it adds to when there are rules. What it needs itself lies in `folder`."""
    config = folder / "prometheus.yml"
    config.write_text(
        json.dumps({"global": {"evaluation_interval": "200ms"}, "rule_files": [str(rules or "none.yml")]})
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = [f"--config.file={config}", f"--storage.tsdb.path={data}", f"--web.listen-address={address}"]
    command = [tool("prometheus"), *options, "--storage.tsdb.retention.time=100y", "--log.level=error"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait(f"http://{address}/-/ready", process)
        yield Prometheus(f"http://{address}")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _lines(series: Mapping[str, Value], begin: float, length: float) -> Iterator[str]:
    """OpenMetrics text; all samples of a series together, as it demands."""
    for name, value in series.items():
        for number in range(int(length // STEP) + 1):
            if (now := value(number * STEP)) is not None:
                yield f"{name} {now:.9g} {begin + number * STEP:.0f}\n"


def _wait(url: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + _READY
    while True:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, ConnectionError):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < until, "Prometheus does not start"
            time.sleep(0.02)
