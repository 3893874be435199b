"""Whom Alertmanager tells: every alert of a service is sent through the configuration as it stands, to our pager.

First come those that page nobody, because a page hides tickets of the same cause; then all; then all have ended. Texts
are marks by which an event is known to be about an alert.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from platformctl.errors import ToolFailed
from platformctl.proof.finding import Finding
from platformctl.stack.alertmanager import Alertmanager, redirected
from platformctl.stack.pager import Pager
from platformctl.stack.tools import Tools

_SPEED: Final = 600
"""How many times faster than it says Alertmanager waits for more of a group: half a second for five minutes."""
_PATIENCE: Final = 5.0
"""Seconds in which an event arrives; measured: under one."""
_CONFIGURATION: Final = "alertmanager.yml"
_PAGES: Final = "critical"


def prove(
    tools: Tools, folder: Path, configuration: str, alerts: Sequence[Mapping[str, Any]], whose: Callable[[str], str]
) -> list[Finding]:
    """What is wrong with where these alerting rules' alerts go.

    `whose` says what is wrong with an alert that comes with the key of a file, or nothing. Raises `NoAccess` without
    Alertmanager, `BadConfig` for a text that is no configuration of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ends:
        pager = ends.enter_context(Pager())
        text, keys = redirected(configuration, pager.url, folder / "keys", _SPEED)
        try:
            alertmanager = ends.enter_context(Alertmanager.start(tools, folder, configuration=text))
        except ToolFailed as failure:
            return [Finding(_CONFIGURATION, failure.what)]
        sent = [_Sent(rule) for rule in alerts]
        found: list[Finding] = []
        for wave in ([one for one in sent if one.severity != _PAGES], sent):
            _post(alertmanager.url, [one.alert(ended=False) for one in wave])
            due = [one for one in wave if one.severity == _PAGES or wave is not sent]
            pager.wait(lambda events, due=due: all(one.triggers(events) for one in due), _PATIENCE)  # type: ignore[misc]
            found += [
                Finding(one.name, f"as {one.severity}, it reaches nobody")
                for one in due
                if not one.triggers(pager.events)
            ]
        _post(alertmanager.url, [one.alert(ended=True) for one in sent])
        pages = [one for one in sent if one.severity == _PAGES and one.triggers(pager.events)]
        pager.wait(lambda events: all(one.resolved(events) for one in pages), _PATIENCE)
        for one in sent:
            found += [Finding(one.name, what) for what in one.wrong(pager.events, keys, whose)]
        found += [
            Finding(one.name, "nobody hears that it has ended") for one in pages if not one.resolved(pager.events)
        ]
        found += [Finding(_CONFIGURATION, f"PagerDuty refuses an event: {why}") for _, why in pager.refused]
    return list(dict.fromkeys(found))


class _Sent:
    """One alert, with marks for texts."""

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self._labels = {str(key): str(value) for key, value in (rule.get("labels") or {}).items()}
        self._annotations = {str(name): f"{name} of {self.name_of(rule)}" for name in rule.get("annotations") or {}}
        self._began = datetime.now(UTC)
        self.severity = self._labels.get("severity", "")
        self._rule = str(rule["alert"])

    def name_of(self, rule: Mapping[str, Any]) -> str:
        return f"{rule['alert']} as {self._labels.get('severity', '')}"

    @property
    def name(self) -> str:
        return self._rule

    def alert(self, *, ended: bool) -> dict[str, Any]:
        """As Prometheus sends it."""
        until = self._began + timedelta(minutes=10) if not ended else datetime.now(UTC)
        times = {"startsAt": self._began.isoformat(), "endsAt": until.isoformat()}
        return {"labels": {**self._labels, "alertname": self._rule}, "annotations": self._annotations, **times}

    def events(self, came: Sequence[tuple[float, Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
        """The events that are about it."""
        mark = f"of {self._rule} as {self.severity}"
        return (event for _, event in came if mark in json.dumps(event))

    def triggers(self, came: Sequence[tuple[float, Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
        """Those that tell somebody."""
        return [event for event in self.events(came) if event.get("event_action") == "trigger"]

    def resolved(self, came: Sequence[tuple[float, Mapping[str, Any]]]) -> bool:
        """Whether who was told of it was told of its end."""
        told = {event.get("dedup_key") for event in self.triggers(came)}
        ends = {event.get("dedup_key") for _, event in came if event.get("event_action") == "resolve"}
        return told <= ends

    def wrong(
        self, came: Sequence[tuple[float, Mapping[str, Any]]], keys: Mapping[str, str], whose: Callable[[str], str]
    ) -> Iterator[str]:
        """What is wrong with its events."""
        for event in self.triggers(came):
            if why := whose(keys[event["routing_key"]]):
                yield why
            if (severity := event["payload"]["severity"]) != self.severity:
                yield f"it is {self.severity}, and arrives as {severity}"
            for name in ("summary", "runbook_url"):
                if (text := self._annotations.get(name)) and text not in json.dumps(event):
                    yield f"its event does not say its {name}"


def _post(url: str, alerts: Sequence[Mapping[str, Any]]) -> None:
    """Tell Alertmanager, as Prometheus does."""
    place = urlsplit(url)
    with closing(HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE)) as connection:
        connection.request("POST", "/api/v2/alerts", json.dumps(alerts), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
    if answer.status != 200:
        raise ToolFailed(f"Alertmanager refuses alerts: {said.strip()}", where=url)
