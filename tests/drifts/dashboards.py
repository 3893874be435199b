"""What becomes of a dashboard where it stands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from platformctl.model import Drift
from tests.drifts.case import Kind
from tests.drifts.stand import Stand

FILE: Final = "grafana/acme/dashboards/team-payments/svc-payments-api.json"
_PROVIDER: Final = "grafana/acme/provisioning/dashboards/platformctl.yaml"
Part = Callable[[Any, Random], object]
"""Edits a dashboard in place."""


def of_file(edit: Part) -> Callable[[Stand, Random], None]:
    """An edit of the file, in another form than platformctl writes."""

    def plant(stand: Stand, chance: Random) -> None:
        file = stand.path(FILE)
        whole = json.loads(file.read_text())
        edit(whole, chance)
        file.write_text(json.dumps(whole, indent=chance.choice((None, 1, 2, 4))))

    return plant


def _panels(whole: Any) -> list[Any]:
    """Those that are no headings."""
    return [panel for panel in whole["panels"] if panel["type"] != "row"]


def panel(edit: Part) -> Part:
    """An edit of one panel."""
    return lambda whole, chance: edit(chance.choice(_panels(whole)), chance)


def _query(found: Any, chance: Random) -> None:
    target = chance.choice(found["targets"])
    target["expr"] = chance.choice((f"({target['expr']}) * 2", "vector(1)", target["expr"].replace("payments", "x")))


def _threshold(found: Any, chance: Random) -> None:
    defaults = found["fieldConfig"]["defaults"]
    defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": "green", "value": chance.random()}]}


def _removed_panel(whole: Any, chance: Random) -> None:
    whole["panels"].remove(chance.choice(_panels(whole)))


def _removed_row(whole: Any, chance: Random) -> None:
    whole["panels"].remove(chance.choice([one for one in whole["panels"] if one["type"] == "row"]))


def _added_panel(whole: Any, chance: Random) -> None:
    more = json.loads(json.dumps(chance.choice(_panels(whole))))
    more.update(title=chance.choice(("Mine", "Queue", "Cache hits")), id=99)
    more["gridPos"]["y"] += 100
    whole["panels"].append(more)


def _copied_panel(whole: Any, chance: Random) -> None:
    """Somebody duplicates a panel and edits the copy, which has the same title."""
    at = chance.randrange(len(whole["panels"]))
    more = json.loads(json.dumps(whole["panels"][at]))
    more.update(id=99, description="by hand")
    whole["panels"].insert(at + chance.choice((0, 1)), more)


def _moved_panel(whole: Any, chance: Random) -> None:
    one, other = chance.sample(_panels(whole), 2)
    one["gridPos"], other["gridPos"] = other["gridPos"], one["gridPos"]


def _moved_and_edited(whole: Any, chance: Random) -> None:
    _moved_panel(whole, chance)
    panel(_query)(whole, chance)


def _several_panels(whole: Any, chance: Random) -> None:
    for found in chance.sample(_panels(whole), 3):
        chance.choice((_query, _threshold))(found, chance)


def _variable(whole: Any, chance: Random) -> None:
    listed = whole["templating"]["list"]
    chance.choice((listed.pop, lambda: chance.choice(listed).update(label="Mine")))()


EDITS: Final[dict[str, Part]] = {
    "another query": panel(_query),
    "another threshold": panel(_threshold),
    "another unit": panel(lambda found, chance: found["fieldConfig"]["defaults"].update(unit="short.")),
    "another title of a panel": panel(lambda found, chance: found.update(title=f"{found['title']} (mine)")),
    "another kind of panel": panel(lambda found, chance: found.update(type="table")),
    "another description of a panel": panel(lambda found, chance: found.update(description="by hand")),
    "a panel removed": _removed_panel,
    "a heading removed": _removed_row,
    "a panel added": _added_panel,
    "a panel copied": _copied_panel,
    "panels moved": _moved_panel,
    "panels moved and one edited": _moved_and_edited,
    "three panels edited": _several_panels,
    "another variable": _variable,
    "another title": lambda whole, chance: whole.update(title="Payments"),
    "other tags": lambda whole, chance: whole["tags"].append("mine"),
    "another refresh": lambda whole, chance: whole.update(refresh=chance.choice(("5s", "", "5m"))),
    "another time": lambda whole, chance: whole["time"].update({"from": "now-1h"}),
    "another annotation": lambda whole, chance: whole["annotations"]["list"].pop(),
    "a link": lambda whole, chance: whole["links"].append({"title": "Wiki", "url": "https://wiki.example.org"}),
    "locked": lambda whole, chance: whole.update(editable=False),
}


def move(stand: Stand, chance: Random) -> None:
    """Somebody puts the file into another folder, which is another folder in Grafana."""
    file = stand.path(FILE)
    folder = file.parents[1] / chance.choice(("team-orders", "team-platform", "General"))
    folder.mkdir(exist_ok=True)
    file.rename(folder / file.name)


def _moved_edited(stand: Stand, chance: Random) -> None:
    of_file(panel(_query))(stand, chance)
    move(stand, chance)


def _text(content: bytes) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: stand.path(FILE).write_bytes(content) and None


def _provider(change: Callable[[Path], object]) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: change(stand.path(_PROVIDER)) and None


def _without_folder(stand: Stand, chance: Random) -> None:
    shutil.rmtree(stand.path(FILE).parent)


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, edit in EDITS.items():
        yield Kind(f"dashboard: {name}", of_file(edit), "dashboard", away, gone=away, times=3)
    yield Kind("dashboard: in another folder", move, "dashboard", away, gone=away)
    yield Kind("dashboard: edited, in another folder", _moved_edited, "dashboard", away, gone=away)
    yield Kind("dashboard: no JSON any more", _text(b"{"), "dashboard", away, gone=away, times=2)
    yield Kind("dashboard: a list", _text(b"[]\n"), "dashboard", away, gone=away, times=1)
    yield Kind("dashboard: deleted", lambda stand, chance: stand.path(FILE).unlink(), "dashboard", away)
    yield Kind("dashboard: its folder deleted", _without_folder, "dashboard", away, times=2)
    gone = _provider(lambda file: file.unlink())
    yield Kind("dashboard: Grafana is not told of it", gone, "provider", away, times=2)
    edited = _provider(lambda file: file.write_text(file.read_text().replace("type: file", "type: disabled")))
    yield Kind("dashboard: Grafana is told otherwise", edited, "provider", away, gone=away, times=2)


KINDS: Final = tuple(_kinds())
