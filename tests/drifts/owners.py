"""Something else claims an address: by a mark of another service, or by having none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from platformctl.model import Drift
from tests.drifts.alerts import SHARED
from tests.drifts.case import Kind, Planted
from tests.drifts.inventory import differing
from tests.drifts.settings import meta
from tests.drifts.stand import OTHER, Stand
from tests.drifts.terraform_state import FOLDER
from tests.drifts.texts import edit_json

_DASHBOARD: Final = "grafana/dashboard/svc-payments-api"
_ALERTS: Final = "alerting/payments-api/staging"
_CATALOG: Final = "catalog/component/payments-api"
_REPOSITORY: Final = "repository/payments-api"
_TERRAFORM: Final = "terraform/payments-api/staging"
_MARKS: Final = {
    "dashboard": (_DASHBOARD, "grafana/acme/.owners/dashboards/team-payments/svc-payments-api.json.json"),
    "rules": (_ALERTS, "monitoring/acme/.owners/rules/staging/payments-api.yml.json"),
    "routing": (_ALERTS, "monitoring/acme/.owners/fragments/staging/payments-api.json.json"),
    "catalog": (_CATALOG, "catalog/acme/.owners/components/payments-api.yaml.json"),
    "terraform": (_TERRAFORM, f"{FOLDER}/workspace.json"),
}

_NOBODY: Final = {"service": "", "run": ""}
_OWNER: Final = (_REPOSITORY, "owner")


def foreign(address: str) -> Planted:
    """That something else has this address, and nothing more of it."""
    return Planted({(address, ""): Drift.FOREIGN}, (address,))


def _remarked(address: str, name: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        def edit(mark: Any) -> None:
            owner = mark.get("owner", mark)
            owner["service"] = chance.choice((OTHER, "billing"))
            owner["run"] = "20261101-101010101-orders-api-ab12"

        edit_json(stand.path(name), edit)
        return foreign(address)

    return plant


def _unmarked(address: str, name: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        stand.path(name).unlink()
        return foreign(address)

    return plant


def _others_repository(stand: Stand, chance: Random) -> Planted:
    owner = {"service": OTHER, "run": "20261101-101010101-orders-api-ab12"}
    meta(lambda whole, chance: whole.update(owner=owner))(stand, chance)
    return foreign(_REPOSITORY)


def _nobodys_repository(stand: Stand, chance: Random) -> Planted:
    """It holds the service's record, so it is the service's; somebody has taken the mark off."""
    meta(lambda whole, chance: whole.update(owner=_NOBODY))(stand, chance)
    return Planted({_OWNER: Drift.OUT_OF_BAND})


def _no_record(stand: Stand, chance: Random) -> Planted:
    """The forge's record of the repository is gone, and with it whose it is, its settings and all that it protects."""
    record = {"owner": _NOBODY, "settings": {}, "protection": {}}
    (stand.repository() / "platformctl.json").write_text(json.dumps(record))
    settings = differing({_REPOSITORY: stand.pristine[_REPOSITORY]}, {_REPOSITORY: {"teams": {}}})
    return Planted(dict.fromkeys([*settings, _OWNER], Drift.OUT_OF_BAND), (_REPOSITORY,))


def _somebodys_alertmanager(stand: Stand, chance: Random) -> Planted:
    """There is a configuration of somebody's own in the place of that of all services."""
    stand.path(SHARED).write_text("route: {receiver: ours}\nreceivers: [{name: ours}]\n")
    stand.path("monitoring/acme/.owners/alertmanager.yml.json").unlink()
    return foreign(_ALERTS)


def _kinds() -> Iterator[Kind]:
    for area, (address, name) in _MARKS.items():
        there = "alerts" if address == _ALERTS else area
        yield Kind(f"{area}: another service's mark", _remarked(address, name), there, Drift.FOREIGN)
        if area != "terraform":
            yield Kind(f"{area}: no mark", _unmarked(address, name), there, Drift.FOREIGN, times=2)
    yield Kind("repository: another service's mark", _others_repository, "settings", Drift.FOREIGN)
    yield Kind("repository: no mark", _nobodys_repository, "settings", Drift.OUT_OF_BAND, times=2)
    yield Kind("repository: no record", _no_record, "", Drift.OUT_OF_BAND, times=2)
    yield Kind("Alertmanager's file is somebody's own", _somebodys_alertmanager, "alerts", Drift.FOREIGN, times=2)


KINDS: Final = tuple(_kinds())
