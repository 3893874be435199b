"""Everything that runs for a proof: the service, who gives it events, who watches it, and who is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from platformctl.drivers import Driver
from platformctl.errors import BadConfig, Failure, ToolFailed
from platformctl.proof import lapse as time_lapse
from platformctl.proof.case import Case
from platformctl.proof.measured import Snapshot, snapshot
from platformctl.stack.alertmanager import Alertmanager, redirected
from platformctl.stack.child import Child
from platformctl.stack.collector import Collector
from platformctl.stack.pager import Pager
from platformctl.stack.prometheus import Prometheus, Target
from platformctl.stack.service import Service
from platformctl.stack.tools import Tools

_STEP: Final = 0.1
"""Seconds between two looks."""
_SCRAPE: Final = 20.0
"""Seconds that a scrape may keep everybody waiting: Prometheus' first one takes five."""


class Scene:
    """What runs, from `opened` on. The service is still being made then; `service.wait` waits for it."""

    def __init__(self, case: Case, driver: Driver, lapse: float, interval: float) -> None:
        self.case = case
        self.lapse = lapse
        self.interval = interval
        """Seconds between two scrapes, and between two evaluations."""
        self.began = time.time()
        self.sent = {"good": 0, "failing": 0}
        self.keys: Mapping[str, str] = {}
        """The key files that stand behind the keys of events."""
        self.pager: Pager
        self.collector: Collector
        self.prometheus: Prometheus
        self.service: Service
        self.children: list[Child] = []
        self._driver = driver

    @classmethod
    @contextmanager
    def opened(
        cls, case: Case, driver: Driver, tools: Tools, folder: Path, *, rules: str, lapse: float
    ) -> Iterator[Scene]:
        """Start everything, and end it whatever happens. `rules` are what Prometheus is given, or empty.

        Raises `NoAccess` without a program, `ToolFailed` when one does not start.
        """
        interval = time_lapse.scrape_interval(rules, lapse) if rules else 0.5
        scene = cls(case, driver, lapse, interval)
        with ExitStack() as ends:
            scene.pager = ends.enter_context(Pager())
            scene.collector = ends.enter_context(Collector())
            ends.callback(driver.close)
            given = {**case.variables(scene.collector.endpoint), **driver.open(tools, folder / "driver")}
            scene.service = ends.enter_context(
                Service.start(
                    case.folder,
                    case.service,
                    given,
                    log=folder / "service.log",
                    ready_path=case.proof["ready"],
                    tools=tools,
                )
            )
            where = scene._paged(tools, folder, ends) if rules and case.configuration else ""
            scene.prometheus = ends.enter_context(
                Prometheus.start(
                    tools,
                    folder / "prometheus",
                    targets=[Target(f"{scene.service.url}{case.proof['metrics']}", case.labels)],
                    rules=time_lapse.rules(rules, lapse) if rules else None,
                    alertmanager=where,
                    interval=interval,
                )
            )
            scene.children += [scene.service.child, scene.prometheus.child]
            yield scene

    def _paged(self, tools: Tools, folder: Path, ends: ExitStack) -> str:
        """The URL of an Alertmanager that pages ours; empty where it cannot work with its configuration."""
        try:
            text, self.keys = redirected(self.case.configuration, self.pager.url, folder / "keys", self.lapse)
            alertmanager = Alertmanager.start(tools, folder / "alertmanager", configuration=text)
        except (BadConfig, ToolFailed):
            return ""  # the check of the routing says why
        ends.enter_context(alertmanager)
        self.children.append(alertmanager.child)
        return alertmanager.url

    def drive(self, fails: Sequence[bool], pace: float = 0, traceparent: str = "") -> None:
        """Give the service events. Raises `ToolFailed` when one goes otherwise than it was meant to."""
        self._driver.drive(self.service.url, fails, pace, traceparent)
        self.sent["good"] += fails.count(False)
        self.sent["failing"] += fails.count(True)

    @contextmanager
    def traffic(self, fails: Sequence[bool], pace: float) -> Iterator[None]:
        """Give the service these events again and again for the length of a block. Raises `ToolFailed` at its end."""
        stop = threading.Event()
        problems: list[Failure] = []

        def work() -> None:
            try:
                while not stop.is_set():
                    self.drive(fails, pace)
            except Failure as failure:
                problems.append(failure)

        thread = threading.Thread(target=work, name="traffic", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        if problems:
            raise problems[0]

    def wait_scraped(self, times: int = 1) -> None:
        """Wait until what is exposed now was scraped, and evaluated `times` times. Raises `ToolFailed`."""
        now = time.time() + (times - 1) * self.interval

        def scraped() -> bool:
            found = self.prometheus.query(f"timestamp(up{self.case.selector})")
            return any(sample.value >= now for sample in found)

        if not self.wait(scraped, _SCRAPE):
            raise ToolFailed("Prometheus does not scrape the service any more", where=self.prometheus.url)

    def wait(self, ready: Callable[[], object], seconds: float) -> bool:
        """Wait until something is so, or so many seconds; whether it is."""
        until = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > until:
                return False
            time.sleep(_STEP)
        return True

    def snapshot(self) -> Snapshot:
        """The value of every series of the service."""
        return snapshot(self.prometheus.query(self.case.selector))

    def fired(self, since: float, **labels: str) -> list[tuple[float, Mapping[str, str]]]:
        """When alerts with these labels fired first, and their labels, in that order."""
        matchers = ",".join(f'{name}="{value}"' for name, value in {**labels, "alertstate": "firing"}.items())
        found = self.prometheus.query_range(f"ALERTS{{{matchers}}}", since, time.time(), self.interval / 4)
        return sorted(((one.points[0][0], one.labels) for one in found), key=lambda one: one[0])

    def firing(self, **labels: str) -> bool:
        """Whether an alert with these labels fires now."""
        return any(
            alert["state"] == "firing" and labels.items() <= alert["labels"].items()
            for alert in self.prometheus.alerts()
        )

    def pages(self, action: str, since: float) -> list[tuple[float, Mapping[str, Any]]]:
        """The events of an action that arrived at the pager, with when."""
        return [(at, event) for at, event in list(self.pager.events) if at >= since and event["event_action"] == action]
