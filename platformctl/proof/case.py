"""What is proven: a service's sources, what its golden path says of it, and what stands for it in monitoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.proof.thresholds import Objective


@dataclass(frozen=True)
class Case:
    """One service."""

    service: str
    path: str
    version: str
    team: str
    environment: str
    folder: Path
    """Its sources."""
    commit: str
    """What they are, or where they are from when they are no commit."""
    proof: Mapping[str, Any]
    """The recipe's `proof`, without references."""
    labels: Mapping[str, str]
    """Those that Prometheus puts on all that it scrapes of the service."""
    variables: Callable[[str], Mapping[str, str]]
    """The service's environment variables, with the collector's endpoint."""
    rules: str = ""
    """Prometheus' rules as they stand; empty: there are none."""
    configuration: str = ""
    """Alertmanager's as it stands; empty: there is none."""
    whose: Callable[[str], str] = lambda file: ""
    """What is wrong with an alert that comes with the key of this file; an empty string: it is the team's."""
    whose_key: Callable[[str], str] = lambda file: file
    """The reference that the key of this file has, as far as it is known."""
    dashboard: Mapping[str, Any] | None = None
    """As Grafana has it; None: there is none."""

    @property
    def selector(self) -> str:
        """PromQL's matchers for its series."""
        return "{" + ",".join(f'{name}="{value}"' for name, value in self.labels.items()) + "}"

    @property
    def alerts(self) -> Mapping[str, Any]:
        """The alerts by their part; empty where the golden path has none."""
        found: Mapping[str, Any] = self.proof.get("alerts", {})
        return found

    @property
    def objectives(self) -> Sequence[Objective]:
        """What is promised about events, and which alerts watch it."""
        given = self.alerts
        if not given:
            return []
        found = [Objective(float(given["availability"]), given["page"], given["ticket"])]
        if "slow_page" in given:
            slow = (float(given["share"]), given["slow_page"], given["slow_ticket"], float(given["seconds"]))
            found.append(Objective(*slow))
        return found
