"""What a service says of two events whose trace is known, one good and one failing: log lines and spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from platformctl.model import Json
from platformctl.proof.finding import Finding

Line = Mapping[str, Json] | str
"""A line of a log: an object, or the text where it is none."""
_SHOWN: Final = 60
"""Characters of a line that are quoted."""


@dataclass(frozen=True)
class Wanted:
    """What the log has to say."""

    logger: str
    """Who says the one line of an event."""
    fields: Sequence[str]
    values: Mapping[str, str]
    """Fields whose value is known: service, team, environment."""


def after_make(lines: Sequence[Line]) -> Sequence[Line]:
    """The service's own lines: make and what it runs speak before the first object."""
    first = next((number for number, line in enumerate(lines) if not isinstance(line, str)), len(lines))
    return lines[first:]


def line_of(trace_id: str, lines: Sequence[Line], logger: str) -> Mapping[str, Json] | None:
    """The line that a logger has said in a trace."""
    for line in lines:
        if not isinstance(line, str) and line.get("logger") == logger and line.get("trace_id") == trace_id:
            return line
    return None


def log_findings(lines: Sequence[Line], wanted: Wanted, trace_ids: Sequence[str]) -> list[Finding]:
    """What is wrong with a service's own lines, after events in these traces."""
    return list(dict.fromkeys(_log_findings(lines, wanted, trace_ids)))


def _log_findings(lines: Sequence[Line], wanted: Wanted, trace_ids: Sequence[str]) -> Iterator[Finding]:
    if not lines:
        yield Finding("log", "no line of it is JSON")
        return
    for line in lines:
        if isinstance(line, str) and line.strip():
            yield Finding("log", f"a line is no JSON: {line.strip()[:_SHOWN]}")
            break
    said = [line for line in lines if not isinstance(line, str) and line.get("logger") == wanted.logger]
    if not said:
        yield Finding("log", f"the logger {wanted.logger} has said nothing about any event")
        return
    for line in said:
        yield from (Finding(name, "the log has no such field") for name in wanted.fields if name not in line)
        for name, value in wanted.values.items():
            if name in line and line[name] != value:
                yield Finding(name, f"the log says {line[name]}, and not {value}")
    for trace_id in trace_ids:
        if line_of(trace_id, said, wanted.logger) is None:
            yield Finding("trace_id", f"no line of {wanted.logger} is in trace {trace_id}, of which an event was part")


def trace_findings(spans: Sequence[Mapping[str, Any]], service: str, good: str, failing: str) -> list[Finding]:
    """What is wrong with the spans that came, after a good and a failing event in these traces."""
    found = []
    for trace_id, what in ((good, "a good event"), (failing, "a failing event")):
        mine = [span for span in spans if span["trace_id"] == trace_id]
        if not mine:
            found.append(Finding("traces", f"no span came of the trace {trace_id}, of which {what} was part"))
            continue
        for name in {str(span["resource"].get("service.name")) for span in mine} - {service}:
            found.append(Finding("service.name", f"a span says {name}, and not {service}"))
        if trace_id == failing and not any(span["status"] == "error" for span in mine):
            found.append(Finding("traces", "no span of an event that failed says so"))
    return found
