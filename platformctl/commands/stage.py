"""What runs beside a service while it is up: started together, ended in the opposite order."""

from __future__ import annotations

import queue
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from platformctl.commands.session import Session
from platformctl.commands.subject import Subject
from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.stack.alertmanager import Alertmanager, redirected
from platformctl.stack.collector import Collector
from platformctl.stack.grafana import Grafana
from platformctl.stack.loopback import HOST, free_port
from platformctl.stack.pager import Event, Pager
from platformctl.stack.prometheus import Prometheus, Target
from platformctl.stack.service import Service
from platformctl.stack.tools import Tools

_INTERVAL: Final = 5.0
"""Seconds between two scrapes: soon enough to look at, and often enough for every rule."""
_SPANS: Final = 1
"""Spans that are kept; how many came is all that is told of them."""


class Stage:
    """The parts, each ended by `stack`."""

    def __init__(self, session: Session, subject: Subject, folder: Path, tools: Tools, stack: ExitStack) -> None:
        self.places: dict[str, str] = {}
        """URLs by what is there."""
        self.pages: queue.SimpleQueue[tuple[Event, str]] = queue.SimpleQueue()
        """Events that came to the pager, each with why it would be refused."""
        self.service: Service
        self._session = session
        self._subject = subject
        self._folder = folder
        self._tools = tools
        self._stack = stack
        self._keys: Mapping[str, str] = {}
        self._servers: list[Prometheus | Alertmanager] = []
        self._collector: Collector | None = None

    @staticmethod
    def check(session: Session, subject: Subject, tools: Tools) -> None:
        """Raise `NoAccess` for a program that is missing, before anything is begun."""
        driver = _driver(session, subject)
        for name in ("make", *_servers(subject), *(driver.TOOLS if driver else ())):
            tools.find(name)

    def start(self, sources: Path, port: int) -> None:
        """Start everything, the service last. It may not be ready yet."""
        subject, port = self._subject, port or free_port()
        self._collector = self._stack.enter_context(Collector(_SPANS))
        environment = subject.variables(self._collector.endpoint)
        self.places["service"] = url = f"http://{HOST}:{port}"
        if subject.proof:
            self._watch(f"{url}{subject.proof['metrics']}")
        if driver := _driver(self._session, subject):
            self._stack.callback(driver.close)
            given = driver.open(self._tools, self._folder / "driver")
            self.places.update(given)
            environment |= given
        ready = str(subject.proof.get("ready", ""))
        self.service = self._stack.enter_context(
            Service.start(
                sources,
                subject.service,
                environment,
                log=self._folder / "service.log",
                ready_path=ready,
                port=port,
                tools=self._tools,
            )
        )

    def _watch(self, metrics: str) -> None:
        """Prometheus with the rules that stand, Alertmanager with the routing that does, Grafana where there is one."""
        subject, ports = self._subject, self._session.wiring.ports
        self.places["metrics"] = metrics
        rules, alertmanager = None, ""
        if environment := subject.environment:
            alerts = ports["alerting"].alerts(subject.service, environment)
            rules = alerts.rules if alerts else None
            alertmanager = self._alertmanager(ports["alerting"].configuration(subject.service, environment))
        prometheus = self._stack.enter_context(
            Prometheus.start(
                self._tools,
                self._folder / "prometheus",
                targets=[Target(metrics, subject.labels())],
                rules=rules,
                alertmanager=alertmanager,
                interval=_INTERVAL,
            )
        )
        self._servers.append(prometheus)
        self.places["Prometheus"] = prometheus.url
        if alertmanager:
            self.places["Alertmanager"] = alertmanager
        if subject.environment and not rules:
            self.places["alerts"] = f"none stand for {subject.environment}; see platformctl doctor {subject.service}"
        if uid := str(subject.proof.get("dashboard", "")):
            self.places["Grafana"] = self._grafana(prometheus.url, uid)

    def _alertmanager(self, configuration: str) -> str:
        """The URL of an Alertmanager; empty where there is no routing."""
        if not configuration:
            return ""
        pager = self._stack.enter_context(Pager(lambda event, refused: self.pages.put((event, refused))))
        text, self._keys = redirected(configuration, pager.url, self._folder / "keys")
        started = Alertmanager.start(self._tools, self._folder / "alertmanager", configuration=text)
        self._servers.append(self._stack.enter_context(started))
        return started.url

    def _grafana(self, prometheus: str, uid: str) -> str:
        """Where the dashboard is shown, or why it is not."""
        if not self._tools.look("grafana"):
            return "not on PATH; brew install grafana, or https://grafana.com/grafana/download"
        state = self._session.wiring.ports["grafana"].dashboard(uid)
        try:
            grafana = Grafana.start(
                self._tools,
                self._folder / "grafana",
                prometheus=prometheus,
                interval=_INTERVAL,
                dashboard=state.dashboard if state else None,
            )
        except ToolFailed as failure:
            return f"not started: {failure}"
        return f"{self._stack.enter_context(grafana).url}/d/{uid}"

    def check_running(self) -> None:
        """Raise `ToolFailed` with the end of its log when the service, Prometheus or Alertmanager has ended."""
        for child in (self.service.child, *(server.child for server in self._servers)):
            if not child.running:
                said = " | ".join(line.strip() for line in child.said(5).splitlines()) or "nothing"
                raise ToolFailed(f"{child.name} ended with code {child.code}; its log ends with: {said}")

    def key_of(self, event: Event) -> str:
        """Whose key an event came with: the team's reference, else the file that has it."""
        file = self._keys.get(str(event.get("routing_key")), "")
        alerting = self._session.wiring.ports["alerting"]
        alerts = alerting.alerts(self._subject.service, self._subject.environment)
        paging = str(alerts.routing["paging"]) if alerts and alerts.routing else ""
        return paging if paging and file in alerting.expects(paging).split() else file

    def farewell(self) -> str:
        """What is said when all of it has ended."""
        parts = ["the service", *(server.child.name for server in self._servers)]
        count = self._collector.count if self._collector else 0
        spans = f"; spans that came: {count}" if count else ""
        return f"{self._subject.service} is down: ended {', '.join(parts)}{spans}"


def _servers(subject: Subject) -> Sequence[str]:
    """The servers that watch it."""
    if not subject.proof:
        return ()
    return ("prometheus", "alertmanager") if subject.environment else ("prometheus",)


def _driver(session: Session, subject: Subject) -> Any:
    """Who gives the service its events, or None where nobody has to."""
    name: Json = subject.proof.get("driver")
    return session.wiring.driver(name)(subject.proof.get("drive", {})) if name else None
