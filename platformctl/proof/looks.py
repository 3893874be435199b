"""Checks of what is to be seen of a service that was driven: on its dashboard, in its records, logs and traces."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from platformctl.model import Json
from platformctl.proof import lapse, rules, telemetry
from platformctl.proof.checks import LeftOut, none_of
from platformctl.proof.evidence import Panel
from platformctl.proof.finding import Finding
from platformctl.proof.panels import Reader, Window
from platformctl.proof.scene import Scene
from platformctl.proof.telemetry import Wanted

_SPANS: Final = 10.0
"""Seconds in which spans come: SDKs send them every five. (docs: opentelemetry.io, OTEL_BSP_SCHEDULE_DELAY)"""
_SAMPLES: Final = 3
"""How many lines and spans are kept of each event."""


class Looks:
    """What one scene shows. `good` and `failing` are the traces of two events."""

    def __init__(self, scene: Scene, good: str, failing: str) -> None:
        self.panels: Sequence[Panel] = ()
        self.logs: Sequence[Mapping[str, Json]] = ()
        self.spans: Sequence[Mapping[str, Json]] = ()
        self._unknown: Sequence[Finding] = ()
        """Records that there were not before the first failure."""
        self._scene = scene
        self._case = scene.case
        self._traces = (good, failing)

    def dashboard(self) -> str:
        """Every panel has data."""
        if not self._case.dashboard:
            raise LeftOut("there is no dashboard")
        reader = Reader(self._scene.prometheus, self._case.dashboard, self._case.service, self._window())
        self.panels = reader.panels()
        none_of(reader.findings)
        return f"{len(self.panels)} panels, {sum(len(panel.asked) for panel in self.panels)} queries"

    def before_failures(self) -> None:
        """Look at what is recorded while nothing has failed yet: no failures are a number, too."""
        if self._case.rules:
            _, found = rules.silent(self._scene.prometheus, self._rules, self._window())
            self._unknown = [Finding(one.culprit, f"before the first failure, {one.what}") for one in found]

    def records(self) -> str:
        """Every recording rule has samples."""
        number, found = rules.silent(self._scene.prometheus, self._rules, self._window())
        none_of(found or self._unknown)
        return f"{number} recording rules"

    def evaluations(self) -> str:
        """Every rule is evaluated, and finds what it reads."""
        none_of(rules.sick(self._scene.prometheus))
        none_of(rules.blind(self._scene.prometheus, self._rules, self._window()))
        none_of(rules.unbound(self._scene.prometheus, self._rules, self._case.labels))
        return f"{len(self._scene.prometheus.rules())} rules, every {self._scene.interval:g} s"

    def log(self) -> str:
        """Logs are JSON with the standard fields."""
        given, case = self._case.proof["logs"], self._case
        known = {"service": case.service, "team": case.team, "environment": case.environment}
        values = {name: value for name, value in known.items() if value and name in given["fields"]}
        lines = telemetry.after_make(self._scene.service.lines())
        wanted = Wanted(given["logger"], given["fields"], values)
        mine = [line for trace in self._traces if (line := telemetry.line_of(trace, lines, wanted.logger))]
        self.logs = mine
        none_of(telemetry.log_findings(lines, wanted, self._traces))
        return f"{len(lines)} lines, {len(wanted.fields)} fields"

    def trace(self) -> str:
        """A trace arrives, with the trace id of the log line."""
        wanted = set(self._traces)
        self._scene.collector.wait(lambda spans: wanted <= {str(span["trace_id"]) for span in spans}, _SPANS)
        spans = list(self._scene.collector.spans)
        self.spans = [
            span for trace in self._traces for span in [one for one in spans if one["trace_id"] == trace][:_SAMPLES]
        ]
        none_of(telemetry.trace_findings(spans, self._case.service, *self._traces))
        return f"{len(spans)} spans; {self._traces[0]} is in both"

    @property
    def _rules(self) -> str:
        return lapse.rules(self._case.rules, self._scene.lapse)

    def _window(self) -> Window:
        return Window(self._scene.began, time.time(), self._scene.interval)
