"""What cannot be looked at: neither drift nor fine, whatever else is the matter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final

from platformctl.model import Drift
from tests.drifts import people
from tests.drifts.alerts import FRAGMENT, RULES
from tests.drifts.case import Kind, Planted
from tests.drifts.catalog import COMPONENT
from tests.drifts.dashboards import FILE
from tests.drifts.stand import SERVICE, Stand
from tests.drifts.terraform_state import FOLDER

_DASHBOARD: Final = "grafana/dashboard/svc-payments-api"
_ALERTS: Final = "alerting/payments-api/staging"
_CATALOG: Final = "catalog/component/payments-api"
_TERRAFORM: Final = ("terraform/payments-api/staging", "manifests for staging", "alerts for staging")
"""With the steps that cannot know what should stand before they know what Terraform made."""
_HIDDEN: Final = ("manifests/environments/staging/payments-api", _ALERTS)
_ON_THE_FORGE: Final = (
    "repository/payments-api",
    "pipeline_settings/payments-api",
    "deployment_environment/payments-api/staging",
    "branch_protection/payments-api/main",
)
_MANIFESTS: Final = "manifests/environments/staging/payments-api"
_EVERYTHING: Final = (*_ON_THE_FORGE, *_HIDDEN, "files/payments-api", _DASHBOARD, _CATALOG, _TERRAFORM[0])


def unreadable(*addresses: str, hides: tuple[str, ...] = ()) -> Planted:
    """That these could not be looked at, and nothing more of them."""
    return Planted({(address, ""): Drift.UNREADABLE for address in addresses}, (*addresses, *hides))


def _damaged(name: str, *addresses: str, hides: tuple[str, ...] = ()) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        content = stand.path(name).read_bytes()
        stand.path(name).write_bytes(chance.choice((b"", b"{", b"[]", b"\xff\xfe", content[: len(content) // 2])))
        return unreadable(*addresses, hides=hides)

    return plant


def _a_folder(name: str, *addresses: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        stand.path(name).unlink()
        stand.path(name).mkdir()
        return unreadable(*addresses)

    return plant


def _program(script: str, *, name: str = "terraform") -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        stand.shim(name, script)
        return unreadable(*_TERRAFORM, hides=_HIDDEN)

    return plant


def _lost(
    repository: str, *what: str, addresses: tuple[str, ...], hides: tuple[str, ...] = ()
) -> Callable[[Stand, Random], Planted]:
    """One of git's objects is gone from the disk."""

    def plant(stand: Stand, chance: Random) -> Planted:
        where = stand.repository(repository)
        object_ = people.git(where, "rev-parse", chance.choice(what)).decode().strip()
        Path(where, "objects", object_[:2], object_[2:]).unlink()
        return unreadable(*addresses, hides=hides)

    return plant


def _broken_ref(repository: str, *addresses: str, hides: tuple[str, ...] = ()) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        ref = stand.repository(repository) / "refs/heads/main"
        ref.write_text(chance.choice(("", "0" * 12, "garbage\n")))
        return unreadable(*addresses, hides=hides)

    return plant


def _lost_state(stand: Stand, chance: Random) -> Planted:
    """A state whose inner parts are no longer what Terraform takes."""
    file = stand.path(FOLDER) / "terraform.tfstate"
    whole = json.loads(file.read_text())
    chance.choice(
        (lambda: whole.pop("lineage"), lambda: whole.update(resources={}), lambda: whole.update(serial="x"))
    )()
    file.write_text(json.dumps(whole))
    return unreadable(*_TERRAFORM, hides=_HIDDEN)


_FAILS: Final = "#!/bin/sh\necho 'Error: the lights are out' >&2\nexit 1\n"
_NO_PLAN: Final = '#!/bin/sh\n[ "$1" = plan ] && { echo "Error: 503 from the cloud" >&2; exit 1; }\nexec $REAL "$@"\n'
_HALF: Final = '#!/bin/sh\n[ "$1" = plan ] && exit 7\nexec $REAL "$@"\n'
_OWNERS: Final = {
    "dashboard": ("grafana/acme/.owners/dashboards/team-payments/svc-payments-api.json.json", _DASHBOARD),
    "rules": ("monitoring/acme/.owners/rules/staging/payments-api.yml.json", _ALERTS),
    "routing": ("monitoring/acme/.owners/fragments/staging/payments-api.json.json", _ALERTS),
    "Alertmanager's file": ("monitoring/acme/.owners/alertmanager.yml.json", _ALERTS),
    "catalog": ("catalog/acme/.owners/components/payments-api.yaml.json", _CATALOG),
}


def _kinds() -> Iterator[Kind]:
    yield from _of_files()
    yield from _of_git()
    for name, script in {"fails": _FAILS, "does not plan": _NO_PLAN, "ends without a word": _HALF}.items():
        yield Kind(f"Terraform {name}", _program(script), "terraform", Drift.UNREADABLE, times=3)


def _of_files() -> Iterator[Kind]:
    out = Drift.UNREADABLE
    for name, (file, address) in _OWNERS.items():
        area = "alerts" if address == _ALERTS else name
        yield Kind(f"{name}: a damaged mark", _damaged(file, address), area, out, times=3)
    yield Kind("catalog: no text any more", _not_text, "catalog", out, times=2)
    yield Kind("dashboard: in two folders", _twice, "dashboard", out, times=2)
    forge = _damaged(f"forge/acme/{SERVICE}.git/platformctl.json", *_ON_THE_FORGE)
    yield Kind("the forge's record: damaged", forge, "", out)
    for name in ("terraform.tfstate", "workspace.json"):
        damaged = _damaged(f"{FOLDER}/{name}", *_TERRAFORM, hides=_HIDDEN)
        yield Kind(f"Terraform: {name} damaged", damaged, "terraform", out)
    yield Kind("Terraform: half a state", _lost_state, "terraform", out)
    for name, address in ((RULES, _ALERTS), (FRAGMENT, _ALERTS), (COMPONENT, _CATALOG)):
        area = "alerts" if address == _ALERTS else "catalog"
        yield Kind(f"a folder in place of {name}", _a_folder(name, address), area, out, times=1)


def _not_text(stand: Stand, chance: Random) -> Planted:
    stand.path(COMPONENT).write_bytes(b"\xff\xfe\0" + chance.randbytes(32))
    return unreadable(_CATALOG)


def _twice(stand: Stand, chance: Random) -> Planted:
    """Somebody has copied the dashboard: which of both is Grafana's nobody can say, and Grafana takes neither."""
    file = stand.path(FILE)
    folder = file.parents[1] / "team-orders"
    folder.mkdir(exist_ok=True)
    (folder / file.name).write_bytes(file.read_bytes())
    return unreadable(_DASHBOARD)


def _of_git() -> Iterator[Kind]:
    out = Drift.UNREADABLE
    whole = {"addresses": ("service/payments-api",), "hides": _EVERYTHING}
    lost = _lost(SERVICE, "main:.platformctl.yaml", "main^{tree}", "main", **whole)
    yield Kind("the service's repository: an object is lost", lost, "", out)
    broken = _broken_ref(SERVICE, "service/payments-api", hides=_EVERYTHING)
    yield Kind("the service's repository: main is damaged", broken, "", out, times=3)
    folder = _lost(SERVICE, "main:app", "main:app/telemetry", "main:tests", addresses=("files/payments-api",))
    yield Kind("the service's repository: a folder is lost", folder, "files", out)
    there = _lost("environments", "main:staging/payments-api", "main:staging", "main", addresses=(_MANIFESTS,))
    yield Kind("the environments: an object is lost", there, "manifests", out)
    ref = _broken_ref("environments", _MANIFESTS)
    yield Kind("the environments: main is damaged", ref, "manifests", out, times=3)


KINDS: Final = tuple(_kinds())
