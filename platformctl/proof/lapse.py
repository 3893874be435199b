"""Time-lapse: rules whose durations are divided, so that what takes hours in production can be watched in seconds.

Only durations change: ranges, offsets, steps of subqueries, `for`, intervals of groups. Expressions, thresholds, labels
and annotations stay as they are, so what is seen is what these rules do, sooner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from platformctl.errors import BadConfig
from platformctl.stack.durations import duration, seconds

LAPSE: Final = 120
"""How many times faster than the clock: an hour is 30 s, five minutes are 2.5 s."""

_DURATION: Final = r"(?:[0-9]+(?:ms|[smhdwy]))+"
_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*)"""  # strings and comments
    r"|(?P<name>[a-zA-Z_][a-zA-Z0-9_:]*)"  # `rate5m` in a record's name is no duration
    rf"|(?P<range>(?<=\[){_DURATION})(?!\w)"
    rf"|(?P<duration>{_DURATION})(?!\w)"
    r"|(?P<number>[0-9.]+(?:[eE][+-]?[0-9]+|[xX][0-9a-fA-F]+)?)",
    re.DOTALL,
)
_OF_RULE: Final = ("for", "keep_firing_for")
_OF_GROUP: Final = ("interval", "query_offset")
_SCRAPES: Final = 4
"""How many samples the shortest range has to hold; a rate needs two, and one may come late."""
_OFTEN: Final = 0.1
_SELDOM: Final = 0.5
"""Seconds between two scrapes, at least and at most."""


def expression(text: str, lapse: float = LAPSE) -> str:
    """PromQL with its durations divided; what is in strings, comments and names stays."""

    def replaced(token: re.Match[str]) -> str:
        return _shorter(token[0], lapse) if token["duration"] or token["range"] else token[0]

    return _TOKEN.sub(replaced, text)


def rules(text: str, lapse: float = LAPSE) -> str:
    """A file of Prometheus' rules with all durations divided. Raises `BadConfig` when it is no such file."""
    import yaml

    whole = _parsed(text)
    for group in whole["groups"]:
        _shorten(group, _OF_GROUP, lapse)
        for rule in group["rules"]:
            rule["expr"] = expression(str(rule["expr"]), lapse)
            _shorten(rule, _OF_RULE, lapse)
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=10**6)


def all_rules(text: str) -> Iterator[dict[str, Any]]:
    """Every rule of a file. Raises `BadConfig` when it is no file of rules."""
    for group in _parsed(text)["groups"]:
        yield from group["rules"]


def bare_names(text: str) -> Iterator[str]:
    """The names in PromQL that neither matchers nor arguments follow: metrics, labels and words of the language."""
    for token in _TOKEN.finditer(text):
        if token["name"] and not text[token.end() :].lstrip().startswith(("{", "(")):
            yield token["name"]


def scrape_interval(text: str, lapse: float = LAPSE) -> float:
    """Seconds between two scrapes, so that the shortest range of these rules holds enough of them."""
    ranges = [
        seconds(token["range"])
        for rule in all_rules(text)
        for token in _TOKEN.finditer(str(rule["expr"]))
        if token["range"]
    ]
    shortest = min(ranges, default=float("inf")) / lapse
    return min(_SELDOM, max(_OFTEN, shortest / _SCRAPES))


def _parsed(text: str) -> dict[str, Any]:
    import yaml

    try:
        whole = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        if all("expr" in rule for group in whole["groups"] for rule in group["rules"]):
            return dict(whole)
    except (yaml.YAMLError, TypeError, KeyError):
        pass
    raise BadConfig("these are no rules of Prometheus: groups of rules, each with an expr")


def _shorten(mapping: dict[str, Any], names: tuple[str, ...], lapse: float) -> None:
    for name in names:
        if mapping.get(name):
            mapping[name] = _shorter(str(mapping[name]), lapse)


def _shorter(text: str, lapse: float) -> str:
    return duration(seconds(text) / lapse)
