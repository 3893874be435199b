"""The page that people look at after a proof: what holds, what does not, and everything that was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from platformctl.model import Json
from platformctl.page import page as filled_in
from platformctl.proof.evidence import Check, Evidence, Panel, Verdict
from platformctl.proof.plot import Plot, Tick, Window, colour, plot
from platformctl.proof.timeline import broken, timeline, unhurried
from platformctl.proof.units import shown

_MARGIN: Final = 0.02
"""Of the time that is shown, before the first value and after the last."""


def page(evidence: Evidence) -> str:
    """The whole report as one HTML page that loads nothing and runs nothing; the same evidence gives the same page."""
    window = _window(evidence)
    values = {
        "evidence": evidence,
        "began": evidence.began.astimezone(UTC),
        "verdict": _verdict(evidence.checks),
        "figures": list(_figures(evidence)),
        "failed": [check for check in evidence.checks if check.verdict is Verdict.FAILED],
        "left_out": [check for check in evidence.checks if check.verdict is Verdict.LEFT_OUT],
        "window": window,
        "phases": broken(evidence.moments, window),
        "timeline": timeline(evidence, window),
        "signals": [plot(panel, window) for panel in _signals(evidence.panels)],
        "rows": list(_rows(evidence.panels, window)),
        "parts": list(_parts(evidence.parts)),
        "hour": shown(3600 / evidence.lapse, "s"),
        "traces": _trace_ids(evidence.logs) & _trace_ids(evidence.spans),
        "fields": _fields,
        "shown": shown,
    }
    return filled_in(Path(__file__).parent, "report.html.j2", values)


@dataclass(frozen=True)
class Number:
    """A panel that shows the last value alone."""

    name: str
    text: str
    colour: str


@dataclass(frozen=True)
class Shown:
    """One panel, drawn as what it is."""

    panel: Panel
    plot: Plot | None = None
    numbers: Sequence[Number] = ()

    @property
    def problems(self) -> list[str]:
        """What is wrong with its queries, each said once."""
        return list(dict.fromkeys(asked.problem for asked in self.panel.asked if asked.problem))


def _rows(panels: Sequence[Panel], window: Window) -> Iterator[tuple[str, Sequence[Shown]]]:
    """Rows as the dashboard has them, in order."""
    for row in dict.fromkeys(panel.row for panel in panels):
        yield (
            row,
            [
                Shown(panel, numbers=list(_numbers(panel))) if panel.number else Shown(panel, plot(panel, window))
                for panel in panels
                if panel.row == row
            ],
        )


def _numbers(panel: Panel) -> Iterator[Number]:
    for series in (series for asked in panel.asked for series in asked.series if series.points):
        value = series.points[-1][1]
        steps = [name for name, begin in panel.steps if begin is None or value >= begin]
        yield Number(series.name, shown(value, panel.unit), colour(steps[-1]) if steps else "")


def _signals(panels: Sequence[Panel]) -> Iterator[Panel]:
    """What the time line shows below it: the share that fails and the traffic, where the dashboard has them."""
    for beginning, units in (("errors", ("percentunit",)), ("traffic", ("count", "reqps", "ops"))):
        found = (
            panel
            for panel in panels
            if panel.row.lower().startswith(beginning) and panel.unit.partition(":")[0] in units and not panel.number
        )
        yield from list(found)[:1]


def _window(evidence: Evidence) -> Window:
    zero = evidence.began.timestamp()
    drawn = [panel for panel in evidence.panels if not panel.number]
    times = [at for panel in drawn for asked in panel.asked for series in asked.series for at, _ in series.points]
    times += [*(moment.at for moment in evidence.moments), *(page.at for page in evidence.pages)]
    begin, end = min(times, default=zero), max(times, default=zero + evidence.seconds)
    margin = _MARGIN * max(end - begin, 1)
    return Window(begin - margin, end + margin, zero)


def _verdict(checks: Sequence[Check]) -> str:
    """How many hold, in words."""
    count = {verdict: sum(check.verdict is verdict for check in checks) for verdict in Verdict}
    held, failed, left_out = (count[verdict] for verdict in (Verdict.PASSED, Verdict.FAILED, Verdict.LEFT_OUT))
    if not held + failed:
        return "Nothing was checked."
    said = f"{failed} of {held + failed} checks failed" if failed else f"All of {held} checks hold"
    if held + failed == 1:
        said = "The only check failed" if failed else "The only check holds"
    return f"{said}; {left_out} {'was' if left_out == 1 else 'were'} left out." if left_out else f"{said}."


@dataclass(frozen=True)
class Figure:
    """One of the few numbers that are said first."""

    name: str
    value: str
    note: str
    bad: bool = False


def _figures(evidence: Evidence) -> Iterator[Figure]:
    checked = [check.verdict for check in evidence.checks if check.verdict is not Verdict.LEFT_OUT]
    held, left_out = checked.count(Verdict.PASSED), len(evidence.checks) - len(checked)
    yield Figure("Checks that hold", f"{held} of {len(checked)}", f"{left_out} left out", held < len(checked))
    begun = [moment.at for moment in evidence.moments if moment.kind == "errors"][:1]
    if begun:
        paged = [moment.at - begun[0] for moment in evidence.moments if moment.kind == "paged"][:1]
        value = shown(paged[0], "s") if paged else "never"
        note = unhurried(paged[0], evidence.lapse).strip(" ()") if paged else "no page arrived"
        yield Figure("From errors to the page", value, note, not paged)
    if evidence.panels:
        full = sum(
            any(series.points for asked in panel.asked if not asked.limit for series in asked.series)
            for panel in evidence.panels
        )
        queries = sum(len(panel.asked) for panel in evidence.panels)
        whole = len(evidence.panels)
        yield Figure("Panels with data", f"{full} of {whole}", f"{queries} queries", full < whole)
    sent = ", ".join(f"{count:,} {kind}" for kind, count in evidence.requests.items())
    yield Figure("The proof took", f"{evidence.seconds:.1f} s", f"events sent: {sent}" if sent else "")


@dataclass(frozen=True)
class Part:
    """A part of the proof on the bar of all parts; places are percentages."""

    place: Tick
    width: float
    seconds: str


def _parts(parts: Mapping[str, float]) -> Iterator[Part]:
    whole = sum(parts.values()) or 1
    begin = 0.0
    for name, seconds in parts.items():
        yield Part(Tick(round(100 * begin / whole, 2), name), round(100 * seconds / whole, 2), f"{seconds:.1f} s")
        begin += seconds


def _fields(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a sample with their text; those inside another have its name before theirs."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _fields(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _trace_ids(samples: Sequence[Mapping[str, Json]]) -> set[str]:
    """What stands in fields such as `trace_id` or `context.traceId`."""
    fields = [field for sample in samples for field in _fields(sample)]
    return {text for name, text in fields if name.lower().replace("_", "").endswith("traceid") and text}
