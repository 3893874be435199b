"""What becomes of a dashboard in a Grafana that people work with, and of the Grafana."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any, Final, cast

from platformctl.model import Drift
from platformctl.testing.grafana import Fault
from tests.drifts import dashboards, harmless_forms, moves
from tests.drifts.case import Kind, Planted
from tests.drifts.grafana_stand import UID, GrafanaStand
from tests.drifts.owners import foreign
from tests.drifts.stand import Stand
from tests.fake_grafana import TOKEN

VERSIONS: Final = {"Grafana 13": "13.1.0", "Grafana 12": "12.0.0", "Grafana 10": "10.4.0"}
_ADDRESS: Final = f"grafana/dashboard/{UID}"
Part = Callable[[Any, Random], object]


def saved(edit: Part, folder: str | None = None) -> Callable[[Stand, Random], None]:
    """Somebody edits it and saves."""
    return lambda stand, chance: cast(GrafanaStand, stand).save(edit, chance, folder)


def _marked(text: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        def edit(spec: Any, chance: Random) -> None:
            listed = spec["templating"]["list"]
            mark = next(one for one in listed if one["name"] == "platformctl")
            if text:
                mark["query"] = mark["query"].replace("payments-api", text, 1)
            else:
                listed.remove(mark)

        cast(GrafanaStand, stand).save(edit, chance, mark=True)
        return foreign(_ADDRESS)

    return plant


def _failing(kind: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        cast(GrafanaStand, stand).grafana.faults.add(Fault(kind, times=99, seconds=0.0))
        return Planted({(_ADDRESS, ""): Drift.UNREADABLE}, (_ADDRESS,))

    return plant


def _forbidden(stand: Stand, chance: Random) -> Planted:
    """The token's service account has lost its role."""
    grafana = cast(GrafanaStand, stand).grafana
    grafana.folder("team-payments", "Payments", {})
    grafana.token(TOKEN, role="viewer")
    return Planted({(_ADDRESS, ""): Drift.UNREADABLE}, (_ADDRESS,))


def _unknown(stand: Stand, chance: Random) -> Planted:
    """The token was taken back."""
    cast(GrafanaStand, stand).grafana._site.tokens.clear()
    return Planted({(_ADDRESS, ""): Drift.UNREADABLE}, (_ADDRESS,))


def _others(stand: Stand, chance: Random) -> None:
    grafana = cast(GrafanaStand, stand).grafana
    grafana.folder("team-search", "Search")
    grafana.folder("team-payments", "Payments, renamed", {"viewer": "edit"})
    grafana.save("theirs", {"title": "Theirs", "panels": []}, "team-payments")
    grafana.delete("svc-orders-api")


def _moved(stand: Stand, chance: Random) -> None:
    saved(lambda spec, chance: None, chance.choice(("", "team-orders")))(stand, chance)


def _moved_edited(stand: Stand, chance: Random) -> None:
    saved(dashboards.EDITS["another query"], "team-orders")(stand, chance)


def _reordered(spec: Any, chance: Random) -> None:
    mixed = harmless_forms.mixed(spec, chance)
    spec.clear()
    spec.update(mixed)


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, edit in dashboards.EDITS.items():
        yield Kind(f"dashboard: {name}", saved(edit), "dashboard", away, gone=away, times=1)
    yield Kind("dashboard: in another folder", _moved, "dashboard", away, gone=away, times=2)
    yield Kind("dashboard: edited, in another folder", _moved_edited, "dashboard", away, gone=away, times=1)
    deleted = lambda stand, chance: stand.grafana.delete(UID)  # noqa: E731
    yield Kind("dashboard: deleted", deleted, "dashboard", away, times=1)
    yield Kind("dashboard: another service's mark", _marked("orders-api"), "dashboard", Drift.FOREIGN, times=2)
    yield Kind("dashboard: no mark", _marked(""), "dashboard", Drift.FOREIGN, times=1)
    for kind in ("500", "502", "503", "reset_before"):
        yield Kind(f"Grafana: {kind.replace('_', ' ')}", _failing(kind), "grafana", Drift.UNREADABLE, times=1)
    yield Kind("Grafana: the token may not", _forbidden, "grafana", Drift.UNREADABLE, times=1)
    yield Kind("Grafana: the token is unknown", _unknown, "grafana", Drift.UNREADABLE, times=1)
    yield from (replace(kind, times=1) for kind in moves.KINDS if kind.name in _MOVES)
    for name, edit in harmless_forms.DASHBOARDS.items():
        yield Kind(f"a dashboard: {name}", saved(edit), "dashboard", times=2)
    yield Kind("a dashboard: in another order", saved(_reordered), "dashboard", times=2)
    yield Kind("dashboards and folders of others", _others, "others", times=2)


_MOVES: Final = (
    "the record asks for another objective",
    "the record asks for another team",
    "the platform has another paging key",
)
KINDS: Final = tuple(replace(kind, stand=stand) for stand in VERSIONS for kind in _kinds())
