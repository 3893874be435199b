"""Rules as they stand: what each alert says, and what a Prometheus that has seen the service makes of each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

from platformctl.errors import ToolFailed
from platformctl.proof.finding import Finding
from platformctl.proof.lapse import all_rules, bare_names
from platformctl.proof.panels import Window, everybodys, nobodys
from platformctl.stack.durations import duration
from platformctl.stack.pager import SEVERITIES
from platformctl.stack.prometheus import Prometheus
from platformctl.stack.tools import Tools

_SAID: Final = ("summary", "description", "runbook_url")
"""Annotations that every alert has: what it is, with numbers, and where it stands what to do."""
_TIMEOUT: Final = 30.0


def unreadable(tools: Tools, folder: Path, rules: str) -> str:
    """Why Prometheus cannot read a file of rules, or an empty string. Raises `NoAccess` without promtool."""
    file = folder / "checked.yml"
    file.write_text(rules, encoding="utf-8")
    try:
        done = subprocess.run(
            [tools.find("promtool"), "check", "rules", str(file)],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"promtool gave no answer within {_TIMEOUT:g} seconds") from None
    if not done.returncode:
        return ""
    said = " ".join((done.stderr or done.stdout).replace(f"{file}:", "").split())
    return said.removeprefix("FAILED: ").strip() or "promtool refuses it"


def incomplete(rules: str, labels: Mapping[str, str]) -> list[Finding]:
    """Alerts that do not say what they are about with these labels, how bad it is, and what to do."""
    return [
        Finding(str(rule["alert"]), what)
        for rule in all_rules(rules)
        if "alert" in rule
        for what in _missing(rule, labels)
    ]


def _missing(rule: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    has, says = rule.get("labels") or {}, rule.get("annotations") or {}
    for name, value in labels.items():
        if name not in has:
            yield f"it has no label {name}"
        elif has[name] != value:
            yield f"its label {name} is {has[name]}, and not {value}"
    if has.get("severity") not in SEVERITIES:
        yield f"its severity {has.get('severity')} is none that PagerDuty takes"
    yield from (f"it has no annotation {name}" for name in _SAID if not says.get(name))


def sick(prometheus: Prometheus) -> list[Finding]:
    """Rules that Prometheus could not evaluate."""
    return [
        Finding(str(rule["name"]), str(rule.get("lastError") or "it was never evaluated"))
        for rule in prometheus.rules()
        if rule["health"] != "ok"
    ]


def blind(prometheus: Prometheus, rules: str, window: Window) -> list[Finding]:
    """Rules that read what nobody exposes or records. `rules` are those that Prometheus was given."""
    found = [
        Finding(_name(rule), f"{what}")
        for rule in all_rules(rules)
        for what in nobodys(prometheus, str(rule["expr"]), window)
    ]
    return list(dict.fromkeys(found))


def unbound(prometheus: Prometheus, rules: str, labels: Mapping[str, str]) -> list[Finding]:
    """Rules that read series of others too. A metric without matchers is known by its name, which Prometheus has."""
    known = {str(name) for name in prometheus.ask("label/__name__/values")}
    found = []
    for rule in all_rules(rules):
        expr = str(rule["expr"])
        bare = (name for name in bare_names(expr) if name in known)
        what = [*everybodys(expr, labels), *(f"{name} of everybody" for name in dict.fromkeys(bare))]
        found += [Finding(_name(rule), f"it reads {one}") for one in what]
    return list(dict.fromkeys(found))


def silent(prometheus: Prometheus, rules: str, window: Window) -> tuple[int, list[Finding]]:
    """How many recording rules there are, and those that have recorded no number."""
    records = [rule for rule in all_rules(rules) if "record" in rule]
    over = duration(window.end - window.begin)
    found = []
    for rule in records:
        matchers = ",".join(f'{name}="{value}"' for name, value in (rule.get("labels") or {}).items())
        samples = prometheus.query(f"max_over_time({rule['record']}{{{matchers}}}[{over}])", window.end)
        if not any(isfinite(sample.value) for sample in samples):
            found.append(
                Finding(_name(rule), "it has recorded no sample" if not samples else "it has recorded no number")
            )
    return len(records), found


def alerts(rules: str) -> Sequence[Mapping[str, Any]]:
    """The alerting rules of a file."""
    return [rule for rule in all_rules(rules) if "alert" in rule]


def _name(rule: Mapping[str, Any]) -> str:
    name, slo = str(rule.get("record") or rule.get("alert")), (rule.get("labels") or {}).get("slo")
    return f"{name} ({slo})" if slo and "record" in rule else name
