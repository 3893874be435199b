"""Checks of alerts in the course of a proof: when they fire, who is told, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from platformctl.proof.checks import Broken
from platformctl.proof.evidence import Moment, Page
from platformctl.proof.finding import Finding
from platformctl.proof.promise import ALLOWANCE, Promise
from platformctl.proof.scene import Scene

_PAGES: Final = "critical"
"""The severity that wakes somebody."""


class Alarms:
    """The alerts of a service that runs. `moments` has what happened, in order."""

    def __init__(self, scene: Scene) -> None:
        self.moments: list[Moment] = []
        self._scene = scene
        self._case = scene.case
        self._promise = Promise(scene.case.objectives, scene.lapse, scene.interval)
        self._since = 0.0
        """When errors began, and later when they stopped."""
        self._fired = 0.0
        self._dedup_key = ""

    def note(self, kind: str, what: str, at: float = 0.0) -> None:
        """Something happens now, or happened at that time."""
        self.moments.append(Moment(at or time.time(), what, kind))

    def errors_begin(self) -> None:
        """From now on the page is due."""
        self._since = time.time()
        self.note("errors", "errors begin", self._since)

    def errors_stop(self) -> None:
        """From now on it has to end."""
        self._since = time.time()
        self.note("recovered", "errors stop", self._since)

    def quiet(self) -> str:
        """Nobody is paged while all is well, nor for a single error."""
        scene, watched = self._scene, {one for kind in self._case.objectives for one in (kind.page, kind.ticket)}
        found = [
            Finding(labels["alertname"], f"it fires after {scene.sent['good']} good events and one that failed")
            for _, labels in scene.fired(scene.began)
            if labels.get("severity") == _PAGES or labels["alertname"] in watched
        ]
        if found:
            raise Broken(*dict.fromkeys(found))
        if pages := [event for _, event in scene.pages("trigger", scene.began) if _severity(event) == _PAGES]:
            raise Broken(Finding("pager", f"somebody is paged: {_summary(pages[0])}"))
        return f"{scene.sent['good']} good events, and one that failed"

    def others(self) -> str:
        """Nothing fires but what watches the objectives: that is what was broken."""
        scene, watched = self._scene, {one for kind in self._case.objectives for one in (kind.page, kind.ticket)}
        fired = [labels["alertname"] for _, labels in scene.fired(scene.began)]
        if found := [Finding(name, "it fires for no reason") for name in dict.fromkeys(fired) if name not in watched]:
            raise Broken(*found)
        return f"{len(set(fired))} alerts on objectives have"

    def fires(self) -> str:
        """The page fires when errors begin."""
        scene, alert, promised = self._scene, self._case.alerts["page"], self._promise.fires
        found: list[tuple[float, Mapping[str, str]]] = []

        def fired() -> bool:
            found[:] = scene.fired(self._since, alertname=alert)
            return bool(found)

        if not scene.wait(fired, self._since + promised + ALLOWANCE - time.time()):
            raise Broken(Finding(alert, f"it is silent {time.time() - self._since:.1f} s after errors began"))
        self._fired = found[0][0]
        self.note("fired", f"{alert} fires", self._fired)
        return f"{self._fired - self._since:.1f} s after errors began; promised: {promised:.1f} s"

    def arrives(self) -> str:
        """The page arrives at the team's pager."""
        alert, promised = str(self._case.alerts["page"]), self._promise.arrives
        at, event = self._page(alert, self._since, promised)
        self._dedup_key = str(event["dedup_key"])
        self.note("paged", "the page arrives", at)
        return f"{max(0.0, at - self._fired):.1f} s after it fired; promised: {promised:.2g} s"

    def resolves(self) -> str:
        """The page resolves when errors stop."""
        scene, alert, promised = self._scene, str(self._case.alerts["page"]), self._promise.resolves
        until = self._since + promised + ALLOWANCE
        if not scene.wait(lambda: not scene.firing(alertname=alert), until - time.time()):
            raise Broken(Finding(alert, f"it still fires {time.time() - self._since:.1f} s after errors stopped"))
        self.note("quiet", f"{alert} is silent")

        def resolved() -> list[float]:
            return [at for at, event in scene.pages("resolve", self._since) if event["dedup_key"] == self._dedup_key]

        if not scene.wait(resolved, until - time.time()):
            raise Broken(
                Finding(
                    alert,
                    "nobody hears that it is over",
                )
            )
        at = resolved()[0]
        self.note("resolved", "the page is resolved", at)
        return f"{at - self._since:.1f} s after errors stopped; promised: {promised:.1f} s"

    def absent(self) -> str:
        """Somebody is paged when the metrics stop."""
        scene, alert, promised = self._scene, str(self._case.alerts["absent"]), self._promise.gone
        self._since = time.time()
        self.note("stopped", "the service is stopped", self._since)
        scene.service.stop()
        at, _ = self._page(alert, self._since, promised)
        for fired, _labels in scene.fired(self._since, alertname=alert)[:1]:
            self.note("absent", f"{alert} fires", fired)
        return f"paged {at - self._since:.1f} s after it was stopped; promised: {promised:.1f} s"

    def pages(self) -> list[Page]:
        """Every event that arrived."""
        return [
            Page(
                at=at,
                action=str(event["event_action"]),
                key=self._case.whose_key(self._scene.keys.get(event["routing_key"], "")),
                severity=_severity(event),
                summary=_summary(event),
                dedup_key=str(event.get("dedup_key", "")),
            )
            for at, event in self._scene.pager.events
        ]

    def _page(self, alert: str, since: float, promised: float) -> tuple[float, Mapping[str, Any]]:
        """The first critical event about an alert. Raises `Broken` when none comes in time, or a wrong one."""
        scene = self._scene
        until = time.time() + promised + ALLOWANCE

        def come() -> Sequence[tuple[float, Mapping[str, Any]]]:
            return [(at, event) for at, event in scene.pages("trigger", since) if _about(event, alert)]

        def refused() -> list[str]:
            return [why for at, why in scene.pager.refused if at >= since]

        scene.wait(lambda: come() or refused(), until - time.time())
        if not come():
            why = f"PagerDuty refuses it: {refused()[0]}" if refused() else "nobody is paged"
            raise Broken(Finding(alert, why))
        at, event = come()[0]
        if wrong := self._case.whose(scene.keys[event["routing_key"]]):
            raise Broken(Finding(alert, wrong))
        if _severity(event) != _PAGES:
            raise Broken(Finding(alert, f"it arrives with severity {_severity(event)}, and not {_PAGES}"))
        return at, event


def _about(event: Mapping[str, Any], alert: str) -> bool:
    """Whether an event is about an alert: the configuration decides where its name stands."""
    return alert in str(event)


def _severity(event: Mapping[str, Any]) -> str:
    return str((event.get("payload") or {}).get("severity", ""))


def _summary(event: Mapping[str, Any]) -> str:
    return str((event.get("payload") or {}).get("summary", ""))
