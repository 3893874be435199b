"""One alert, and the service in one environment that it is about, as rules for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from platformctl.model import Json

_LINE_ENDS: Final = re.compile("[\r\x85\u2028\u2029]")
"""Line ends that YAML readers fold away where they are not quoted."""
_HEAD: Final = "# Written by platformctl: an edit here is drift.\n"


@dataclass(frozen=True)
class Alert:
    """When somebody is told, and what. Texts may hold Prometheus' templates, and nothing that people wrote."""

    name: str
    severity: str
    """`critical` pages, `warning` makes a ticket."""
    expr: str
    summary: str
    """What is wrong, after the service's name."""
    description: str
    """The same with numbers."""
    hold: str = ""
    """How long it has to be so: Prometheus' `for`."""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What alerts are about, and where to look when one comes."""

    service: str
    team: str
    environment: str
    links: Mapping[str, str]

    @property
    def selector(self) -> Mapping[str, str]:
        """Labels that tell its series from others'; Prometheus puts them on all that it scrapes of a service."""
        return {"service": self.service, "environment": self.environment}

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels of every alert."""
        return {"service": self.service, "team": self.team, "environment": self.environment}

    def rule(self, alert: Alert) -> dict[str, Json]:
        """An alert as a rule."""
        hold = {"for": alert.hold} if alert.hold else {}
        return {
            "alert": alert.name,
            "expr": alert.expr,
            **hold,
            "labels": {**self.labels, "severity": alert.severity, **alert.labels},
            "annotations": {
                "summary": f"{self.service} in {self.environment}: {alert.summary}",
                "description": alert.description,
                "runbook_url": _literal(self.links["runbook"]),
                "dashboard_url": _literal(self.links["dashboard"]),
            },
        }

    def rules_file(self, groups: Mapping[str, Sequence[Json]]) -> str:
        """Groups of rules as Prometheus reads them; the same rules give the same bytes."""
        import yaml

        class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
            """Keeps the lines of long expressions, and writes mappings out where they are used twice."""

            def ignore_aliases(self, data: object) -> bool:
                return True

        def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
            style = '"' if _LINE_ENDS.search(value) else "|" if "\n" in value else None
            return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

        Dumper.add_representer(str, text)
        named = [
            {"name": f"{self.service}/{self.environment}/{name}", "rules": rules} for name, rules in groups.items()
        ]
        return _HEAD + yaml.dump({"groups": named}, Dumper=Dumper, sort_keys=False, width=10**6)


def _literal(text: str) -> str:
    """Text that comes out of Prometheus' templates as it is."""
    return text.replace("{{", '{{ "{{" }}')
