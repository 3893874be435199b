"""What is wrong with a dashboard, with rules and with routing, found without what made them.

The checker knows a promise (`promise.py`) and what others say: Grafana's own types, Prometheus, promtool, Alertmanager,
amtool and what PagerDuty takes. It imports no renderer. Each layer is a module whose `findings` says what is wrong:

| layer | artefact | who says it |
|---|---|---|
| types | dashboard | TypeScript, with the types of Grafana 10 to 13 (`tests/grafana`) |
| form | dashboard | names, numbers, units and variables, as Grafana needs them |
| queries | dashboard | Prometheus, which knows the service and is asked everything |
| truth | dashboard | the samples that Prometheus was given |
| lint | rules, Alertmanager's configuration | promtool, amtool, and what every alert has to say |
| evaluated | rules | Prometheus, which evaluates them on a service that fails now and then |
| scenarios | rules | promtool, in situations that follow from the promise |
| routes | Alertmanager's configuration | amtool, and whose key a receiver has |
| delivery | Alertmanager's configuration | Alertmanager and a pager as strict as PagerDuty |
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    artefact: str
    """`dashboard`, `rules` or `alertmanager`."""
    where: str
    """A panel, a rule, a receiver."""
    what: str

    def __str__(self) -> str:
        return f"{self.artefact}, {self.where}: {self.what}"
