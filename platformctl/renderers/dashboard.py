"""`uses: dashboard`: what a person looks at who is woken up by the service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote, urlsplit

from platformctl.action import Inputs
from platformctl.model import File, Json, Tree
from platformctl.renderers.golden_signals import GoldenSignals
from platformctl.renderers.panels import Query
from platformctl.renderers.signals import SCHEMA, Signals

_LONGEST_UID: Final = 40
"""Characters that Grafana takes."""
_NAME: Final = "^[a-z]([a-z0-9-]*[a-z0-9])?$"
_WORDS: Final = {
    "type": "string",
    "pattern": "^([^$\\[]|\\[(?!\\[))*$",
    "description": "text without $ and [[, which Grafana would replace",
}


class Dashboard:
    """Renders `dashboard.json`."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["signals", "service", "team", "tier", "environments", "slo"],
        "additionalProperties": False,
        "properties": {
            "signals": SCHEMA,
            "service": {"type": "string", "pattern": _NAME, "description": "The service."},
            "description": {"type": "string", "description": "What it does; nothing."},
            "team": {"type": "string", "pattern": _NAME, "description": "The team's slug."},
            "tier": {"type": "string", "pattern": _NAME, "description": "How much it gets and how it is kept up."},
            "environments": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": _NAME, "description": "an environment's name"},
                "description": "Where it runs; the first is shown at first.",
            },
            "slo": {
                "type": "object",
                "required": ["availability", "seconds"],
                "additionalProperties": False,
                "description": "What its users can rely on over 30 days.",
                "properties": {
                    "availability": {
                        "type": "number",
                        "minimum": 0,
                        "exclusiveMaximum": 100,
                        "description": "Percentage of events that do not fail.",
                    },
                    "seconds": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "maximum": 86400,
                        "description": "How long an event may take; a bound of the histogram's buckets.",
                    },
                    "share": {
                        "type": "number",
                        "minimum": 0,
                        "exclusiveMaximum": 100,
                        "description": "Percentage of events that take no longer; 99.",
                    },
                    "waiting_seconds": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "How long an event waits at most, where signals have a backlog; not said.",
                    },
                },
            },
            "saturation": {
                "type": "array",
                "description": "More gauges that tell how full an instance is; none.",
                "items": {
                    "type": "object",
                    "required": ["metric", "title", "unit"],
                    "additionalProperties": False,
                    "properties": {
                        "metric": SCHEMA["properties"]["duration"] | {"description": "the name of a gauge"},
                        "title": _WORDS,
                        "description": _WORDS,
                        "unit": {"type": "string", "description": "Grafana's name of its unit: short, s, bytes."},
                    },
                },
            },
            "links": {
                "type": "object",
                "additionalProperties": False,
                "description": "Where to go from here; nowhere. What is no web address stands in the description.",
                "properties": {
                    "repository": {"type": "string", "description": "The repository."},
                    "runbook": {"type": "string", "description": "What to do when it fails."},
                },
            },
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folders are not needed."""

    def render(self, inputs: Inputs) -> Tree:
        from platformctl.renderers.grafana import Page, rendered

        service = inputs["service"]
        links = {title.capitalize(): place for title, place in sorted(inputs.get("links", {}).items()) if place}
        web = {title: _harmless(place) for title, place in links.items() if _on_the_web(place)}
        places = [f"{title}: {place}" for title, place in links.items() if title not in web]
        signals = Signals(inputs["signals"], {"service": service, "environment": "$environment"})
        page = Page(
            uid=uid(service),
            title=service,
            description="\n".join(text for text in (inputs.get("description", ""), *places) if text),
            tags=["platformctl", f"team-{inputs['team']}", f"tier-{inputs['tier']}"],
            environments=inputs["environments"],
            links=web,
            instances=signals.series("up"),
            deployed=_deployed(signals),
        )
        return {"dashboard.json": File(rendered(page, GoldenSignals(inputs).rows()))}


def uid(service: str) -> str:
    """The dashboard's identifier, the same for ever: `svc-payments-api`; of a long name the beginning and a hash."""
    plain = f"svc-{service}"
    if len(plain) <= _LONGEST_UID:
        return plain
    return f"{plain[: _LONGEST_UID - 9]}-{hashlib.sha256(service.encode()).hexdigest()[:8]}"


def _deployed(signals: Signals) -> Query:
    """A version that runs now and did not one step ago."""
    versions = "max by (version) ({})"
    now, before = signals.series("service_build_info"), f"{signals.series('service_build_info')} offset $__interval"
    return Query(f"{versions.format(now)} unless {versions.format(before)}", "Deployed {{version}}")


def _on_the_web(place: str) -> bool:
    try:
        parts = urlsplit(place)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _harmless(url: str) -> str:
    """The same address in which Grafana finds no variable (`$name`, `[[name]]`)."""
    return quote(url, safe=":/?#@!&'()*+,;=%~")
