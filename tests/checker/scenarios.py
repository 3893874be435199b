"""Layer `scenarios`: in each situation what the promise says fires and nothing else does, by promtool's unit tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.checker import Finding
from tests.checker.lint import complaint
from tests.checker.promise import Promise
from tests.checker.timelines import Look, Timeline
from tests.scenario import Situation

TROUBLE: Final = {
    "events": 100,
    "failed": 100,
    "slow": 100,
    "memory": 9999,
    "cpu": 9999,
    "waiting": 9999,
    "oldest": 9999,
}
"""Every trouble that there is; nothing of a neighbour's may count."""
_FIRING: Final = 'count by (alertname, severity, slo, service, team, environment) (ALERTS{alertstate="firing"})'
"""What fires is one query, so that nothing fires unnoticed."""
_FAILED: Final = re.compile(r'expr: "(.*)", time: (\w+),\s+exp: (.*)\s+got: (.*)')
_SAMPLE: Final = re.compile(r"(\w*\{[^}]*\}) (\S+?)(?:,|$)")


def findings(rules: str, promise: Promise, timelines: Iterable[Timeline], folder: Path) -> Iterator[Finding]:
    """What is wrong, timeline by timeline. `folder` may be written to."""
    (folder / "rules.yml").write_text(rules)
    for timeline in timelines:
        test = {**unit_test(promise, timeline), "promql_expr_test": [*_queries(promise, timeline.looks)]}
        if said := promtool(test, timeline.evaluated, folder):
            yield from _read(said, timeline)


def promtool(test: Mapping[str, Any], evaluated: int, folder: Path) -> str:
    """What a unit test of the rules in `folder` complains about, evaluated every so many minutes."""
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": f"{evaluated}m", "tests": [test]}
    (folder / "test.yml").write_text(json.dumps(whole))
    return complaint("promtool", "test", "rules", "test.yml", cwd=folder)


def unit_test(promise: Promise, timeline: Timeline) -> dict[str, Any]:
    """A timeline as promtool takes it, in which nothing is asked yet."""
    minutes, every = sum(phase["minutes"] for phase in timeline.phases), timeline.every
    situations = [Situation(promise.kind, promise.labels, timeline.phases, every)]
    if timeline.neighbours:
        others = ({**promise.labels, "environment": "production"}, {**promise.labels, "service": promise.service[:-1]})
        trouble = [{"minutes": minutes, **TROUBLE}]
        situations += [Situation(promise.kind, labels, trouble, every) for labels in others]
    series = [one for situation in situations for one in situation.series()]
    return {"name": timeline.name, "interval": f"{every}m", "input_series": series}


def _queries(promise: Promise, looks: Sequence[Look]) -> Iterator[dict[str, Any]]:
    own = ",".join(f'{name}="{value}"' for name, value in promise.labels.items())
    for look in looks:
        at = {"eval_time": f"{look.minute}m"}
        samples = [{"labels": _labels(promise, alert), "value": 1} for alert in sorted(look.firing)]
        yield {"expr": _FIRING, **at, "exp_samples": samples}
        for record, value in look.records.items():
            name, _, more = record.rstrip("}").partition("{")
            labels = f"{{{','.join([*more.split(), own])}}}"
            expected = {"labels": labels, "value": round(value, 6)}
            yield {"expr": f"round({name}{labels}, 1e-6)", **at, "exp_samples": [expected]}


def _labels(promise: Promise, alert: str) -> str:
    """`NAME SEVERITY` with all the labels that it has to have."""
    name, severity = alert.split()
    labels = {"alertname": name, "severity": severity, "team": promise.team, **promise.labels}
    if objective := re.match("(Availability|Latency)Budget", name):
        labels["slo"] = objective[1].lower()
    return "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def _read(said: str, timeline: Timeline) -> Iterator[Finding]:
    """What promtool complains about, as findings."""
    failed = _FAILED.findall(said)
    if not failed:
        yield Finding("rules", timeline.name, said)
    for expr, time, exp, got in failed:
        where = f"at {time} of {timeline.name!r}"
        due, there = dict(_SAMPLE.findall(exp)), dict(_SAMPLE.findall(got))
        if expr.startswith("round("):
            name = expr.removeprefix("round(").partition("{")[0]
            yield Finding("rules", name, f"{where} it is {[*there.values()]} and not {[*due.values()]}")
            continue
        for labels in due.keys() ^ there.keys():
            name = re.search('alertname="(.*?)"', labels)
            what = "should fire and does not" if labels in due else "fires and should not"
            yield Finding("rules", name[1] if name else expr, f"{where} it {what}: {labels}")
