"""Checks of what stands for a service in monitoring, for which nothing has to run."""

from __future__ import annotations

from pathlib import Path

from platformctl.proof import dashboard, routing, rules
from platformctl.proof.case import Case
from platformctl.proof.checks import Broken, LeftOut, none_of
from platformctl.proof.finding import Finding
from platformctl.proof.lapse import all_rules
from platformctl.stack.tools import Tools


class Standing:
    """What stands for one service; `folder` is for files of the programs that look at it."""

    def __init__(self, case: Case, tools: Tools, folder: Path) -> None:
        self._case = case
        self._tools = tools
        self._folder = folder

    def dashboard(self) -> str:
        """Grafana can read the dashboard."""
        uid = self._case.proof.get("dashboard")
        if not uid:
            raise LeftOut("the golden path names no dashboard")
        if self._case.dashboard is None:
            raise Broken(Finding(f"dashboard {uid}", "there is none"), hint=self._mend)
        none_of(dashboard.form(self._case.dashboard, str(uid)))
        return f"{len(list(dashboard.graphs(self._case.dashboard)))} panels"

    def rules(self) -> str:
        """Prometheus can read the rules."""
        if not self._case.alerts:
            raise LeftOut("the golden path names no alerts")
        if not self._case.rules:
            raise Broken(Finding("rules", "there are none"), hint=self._mend)
        if why := rules.unreadable(self._tools, self._folder, self._case.rules):
            raise Broken(Finding("rules", why))
        return f"{len(list(all_rules(self._case.rules)))} rules"

    def alerts(self) -> str:
        """Every alert says what it has to."""
        case = self._case
        wanted = {"service": case.service, "team": case.team, "environment": case.environment}
        none_of(rules.incomplete(case.rules, {name: value for name, value in wanted.items() if value}))
        return f"{len(rules.alerts(case.rules))} alerts"

    def routing(self) -> str:
        """Every alert goes to the team's pager."""
        case = self._case
        if not case.configuration:
            raise Broken(Finding("alertmanager.yml", "there is none"), hint=self._mend)
        sent = rules.alerts(case.rules)
        none_of(routing.prove(self._tools, self._folder / "routing", case.configuration, sent, case.whose))
        return f"{len(sent)} alerts, each with the team's key and its own severity"

    @property
    def _mend(self) -> str:
        return f"Bring it back with: platformctl doctor {self._case.service} --fix"
