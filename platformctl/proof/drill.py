"""The proof itself: everything is started, watched while all is well, broken, watched again, mended, and stopped."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from platformctl.drivers import Driver
from platformctl.proof import thresholds
from platformctl.proof.alarms import Alarms
from platformctl.proof.case import Case
from platformctl.proof.checks import Broken, Checks, Told, none_of
from platformctl.proof.evidence import Evidence
from platformctl.proof.finding import Finding
from platformctl.proof.lapse import LAPSE
from platformctl.proof.looks import Looks
from platformctl.proof.measured import Counter, counters
from platformctl.proof.scene import Scene
from platformctl.proof.standing import Standing
from platformctl.stack.tools import Tools

_CALM: Final = 12
"""Good events while all is well."""
_CALM_PACE: Final = 10.0
_PACE: Final = 20.0
"""Events a second, at most."""
_ERRORS: Final = 3.0
"""Seconds that errors go on at least, so that there is something to see of them."""
_FAILING: Final = (True,) * 9 + (False,)
"""A share that even a promise of ninety percent does not allow, of all events since the beginning."""
_GOOD: Final = (False,) * 10
_SCRAPED: Final = 30.0
"""Seconds in which a service that is ready has to be scraped."""
TOOLS: Final = ("prometheus", "promtool", "alertmanager")
"""The programs that every proof needs."""


class Drill:
    """One proof of one service. `folder` is for everything that its programs write."""

    def __init__(
        self,
        case: Case,
        driver: Driver,
        tools: Tools,
        folder: Path,
        told: Told = lambda id_, title, check: None,
        lapse: float = LAPSE,
    ) -> None:
        self._case = case
        self._driver = driver
        self._tools = tools
        self._folder = folder
        self._lapse = lapse
        self._checks = Checks(told)
        self._parts: dict[str, float] = {}
        self._counters: Sequence[Counter] = ()
        self._traces = secrets.token_hex(16), secrets.token_hex(16)
        """Of a good event, and of a failing one."""

    def run(self) -> Evidence:
        """Prove it. Raises `NoAccess` without a program, `ToolFailed` when one of ours does not start."""
        for name in (*TOOLS, *self._driver.TOOLS):
            self._tools.find(name)
        began, clock = datetime.now(UTC), time.monotonic()
        case, check = self._case, self._checks.run
        standing = Standing(case, self._tools, self._folder)
        check("dashboard", standing.dashboard)
        readable = check("rules", standing.rules)
        opened = Scene.opened(
            case,
            self._driver,
            self._tools,
            self._folder,
            rules=case.rules if readable else "",
            lapse=self._lapse,
        )
        with opened as scene, ThreadPoolExecutor(2, thread_name_prefix="proof") as pool:
            alarms, looks = Alarms(scene), Looks(scene, *self._traces)
            beside = [pool.submit(self._beside, standing)]
            with self._part("start"):
                check("runs", lambda: _runs(scene))
            with self._part("scrape"):
                check("target_up", lambda: _target_up(scene), needs=["runs"])
            with self._part("calm"):
                alarms.note("traffic", "traffic begins")
                check("events", lambda: self._calm(scene, looks), needs=["target_up"])
                beside.append(pool.submit(self._judge))
                check("quiet", alarms.quiet, needs=["rules", "events"])
            self._break_and_mend(scene, alarms)
            with self._part("look"):
                self._look(looks, alarms)
            with self._part("absence"):
                check("absent", alarms.absent, needs=["rules", "target_up"])
            with self._part("end"):
                for future in beside:
                    future.result()
                versions = {name: self._tools.version(name) for name in ("prometheus", "alertmanager")}
        check("ended", lambda: _ended(scene))
        return Evidence(
            service=case.service,
            path=case.path,
            version=case.version,
            team=case.team,
            environment=case.environment,
            commit=case.commit,
            began=began,
            seconds=round(time.monotonic() - clock, 3),
            lapse=round(self._lapse),
            versions=versions,
            parts=self._parts,
            checks=self._checks.all(),
            panels=looks.panels,
            moments=alarms.moments,
            pages=alarms.pages(),
            logs=looks.logs,
            spans=looks.spans,
            requests=scene.sent,
        )

    def _beside(self, standing: Standing) -> None:
        """What needs no service, while it is being made."""
        self._checks.run("alerts", standing.alerts, needs=["rules"])
        self._checks.run("routing", standing.routing, needs=["rules"])

    def _calm(self, scene: Scene, looks: Looks) -> str:
        """Few events. One fails before they are counted: a counter that begins is no increase."""
        good, failing = self._traces
        scene.drive([False] * _CALM, _CALM_PACE)
        scene.wait_scraped(2)
        looks.before_failures()
        scene.drive([True])
        scene.wait_scraped()
        before = scene.snapshot()
        scene.drive([False], traceparent=_parent(good))
        scene.drive([False] * (_CALM - 1), _CALM_PACE)
        scene.wait_scraped()
        between = scene.snapshot()
        scene.drive([True], traceparent=_parent(failing))
        scene.wait_scraped()
        self._counters = counters(before, between, scene.snapshot(), _CALM, 1)
        scene.wait_scraped(3)
        return f"{2 * _CALM} good ones, and two that fail"

    def _break_and_mend(self, scene: Scene, alarms: Alarms) -> None:
        check = self._checks.run
        if not self._checks.holds("events"):
            for id_, work in (
                ("page_fires", alarms.fires),
                ("page_arrives", alarms.arrives),
                ("page_resolves", alarms.resolves),
            ):
                check(id_, work, needs=["events"])
            return
        with self._part("errors"):
            until = time.monotonic() + _ERRORS
            alarms.errors_begin()
            with scene.traffic(_FAILING, _PACE):
                check("page_fires", alarms.fires, needs=["rules"])
                check("page_arrives", alarms.arrives, needs=["page_fires"])
                time.sleep(max(0.0, until - time.monotonic()))
            alarms.errors_stop()
        with self._part("recovery"), scene.traffic(_GOOD, _PACE):
            check("page_resolves", alarms.resolves, needs=["page_arrives"])

    def _look(self, looks: Looks, alarms: Alarms) -> None:
        check = self._checks.run
        check("others", alarms.others, needs=["rules", "events"])
        check("panels", looks.dashboard, needs=["events"])
        check("records", looks.records, needs=["rules", "events"])
        check("evaluations", looks.evaluations, needs=["rules", "events"])
        check("logs", looks.log, needs=["events"])
        check("trace", looks.trace, needs=["events"])

    def _judge(self) -> None:
        """Every alert on an objective, by one test of all of them."""
        judged: dict[str, Sequence[str]] = {}

        def threshold(alert: str) -> str:
            if not any(counter.good for counter in self._counters):
                raise Broken(Finding("metrics", f"no counter grew with each of {_CALM} events"))
            if not judged:
                given = (self._case.rules, self._case.objectives, self._counters)
                judged.update(thresholds.prove(self._tools, self._folder, *given))
            none_of([Finding(alert, what) for what in judged[alert]])
            return f"{alert}: silent at 0.9 times each, firing at 1.1 times"

        for number, objective in enumerate(self._case.objectives):
            for kind, alert in (("page", objective.page), ("ticket", objective.ticket)):
                id_ = f"threshold_{'slow_' if number else ''}{kind}"
                self._checks.run(id_, lambda alert=alert: threshold(alert), needs=["rules", "events"])  # type: ignore[misc]

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._parts[name] = round(time.monotonic() - began, 3)


def _runs(scene: Scene) -> str:
    scene.service.wait()
    return f"ready after {time.time() - scene.began:.1f} s"


def _target_up(scene: Scene) -> str:
    metrics, up = scene.case.proof["metrics"], f"up{scene.case.selector} == 1"
    if not scene.wait(lambda: scene.prometheus.query(up), _SCRAPED):
        targets: Sequence[Mapping[str, str]] = scene.prometheus.ask("targets")["activeTargets"]
        said = "; ".join(target["lastError"] for target in targets) or "there is no target"
        raise Broken(Finding(metrics, f"it cannot be scraped: {said}"))
    return f"{metrics}, every {scene.interval:g} s"


def _ended(scene: Scene) -> str:
    if left := [child.name for child in scene.children if child.running]:
        raise Broken(*(Finding(name, "it still runs") for name in left))
    return f"{len(scene.children)} programs"


def _parent(trace_id: str) -> str:
    """W3C's `traceparent` of an event in this trace that somebody records."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
