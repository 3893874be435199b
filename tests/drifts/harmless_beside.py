"""What happens beside a service: to others, to the platform, to files that are nobody's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final

import yaml

from platformctl.commands import new
from tests.drifts.case import Kind
from tests.drifts.catalog import ALL
from tests.drifts.stand import OTHER, PLATFORM, Stand
from tests.drifts.terraform_state import FOLDER
from tests.drifts.texts import edit_json


def _workspaces(stand: Stand, chance: Random) -> None:
    for name in ("payments-api-production", "billing-staging"):
        shutil.copytree(stand.path(FOLDER), stand.path(FOLDER).with_name(name))
    (stand.path(FOLDER) / "terraform.tfstate.backup").write_text("{}")


def _service(stand: Stand, chance: Random) -> None:
    """Another service is made."""
    name = f"ledger-{chance.randrange(10**4)}"
    settings = (f"team={chance.choice(('payments', 'orders'))}", "depends_on=payments-api")
    new.new(new.Options(chance.choice(("service", "worker")), name, settings=settings), stand.session("new"), _yes)


def _yes(*_: object) -> bool:
    return True


def _files(names: Mapping[str, str]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        for name in chance.sample(sorted(names), min(len(names), chance.randint(2, 4))):
            file = stand.path(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(names[name])

    return plant


_BESIDE: Final[dict[str, Mapping[str, str]]] = {
    "dashboards of others": {
        "grafana/acme/dashboards/team-payments/ours.json": '{"uid": "ours", "panels": []}',
        "grafana/acme/dashboards/team-billing/svc-billing.json": "no JSON",
        "grafana/acme/dashboards/team-payments/.svc-payments-api.json.swp": "",
        "grafana/acme/provisioning/dashboards/ours.yaml": "apiVersion: 1\n",
        "grafana/acme/provisioning/datasources/prometheus.yaml": "apiVersion: 1\n",
    },
    "rules of others": {
        "monitoring/acme/rules/staging/ours.yml": "groups: []\n",
        "monitoring/acme/rules/production/payments-api.yml": "groups: []\n",
        "monitoring/acme/rules/staging/payments-api.yml.bak": "groups: []\n",
        "monitoring/acme/prometheus.yml": "rule_files: [rules/*/*.yml]\n",
        "monitoring/acme/alertmanager.yml.orig": "",
    },
    "components of others": {
        "catalog/acme/components/by-hand.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\n",
        "catalog/acme/components/payments-api.yaml.bak": "",
        "catalog/acme/systems/shop.yaml": "kind: System\n",
        "catalog/acme/README.md": "ours\n",
    },
    "files in the home folder": {
        "notes.txt": "ours\n",
        "forge/acme/.DS_Store": "",
        "runs/20260101-000000000-payments-api-0000.ndjson.bak": "",
        "terraform/acme/README.md": "ours\n",
    },
}


def _edited_list(stand: Stand, chance: Random) -> None:
    """The list of components says the same of it, and something of others."""
    file = stand.path(ALL)
    text = file.read_text()
    more = "  - ./components/by-hand.yaml\n"
    other = text.replace(f"  - ./components/{OTHER}.yaml\n", "")
    file.write_text(chance.choice((text + more, text + "# ours\n", other, yaml.safe_dump(yaml.safe_load(text)))))


def _others(change: Callable[[Stand], object]) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: change(stand) and None


def _other_dashboard(stand: Stand) -> None:
    edit_json(stand.path(f"grafana/acme/dashboards/team-orders/svc-{OTHER}.json"), lambda whole: whole["panels"].pop())


_OTHERS: Final[dict[str, Callable[[Stand], object]]] = {
    "dashboard": _other_dashboard,
    "mark of its routing": lambda stand: stand.path(
        f"monitoring/acme/.owners/fragments/staging/{OTHER}.json.json"
    ).write_text("{"),
    "rules": lambda stand: stand.path(f"monitoring/acme/rules/staging/{OTHER}.yml").unlink(),
    "component": lambda stand: stand.path(f"catalog/acme/components/{OTHER}.yaml").write_text("kind: ["),
    "mark in the catalog": lambda stand: stand.path(f"catalog/acme/.owners/components/{OTHER}.yaml.json").unlink(),
    "repository": lambda stand: shutil.rmtree(stand.repository(OTHER)),
    "Terraform state": lambda stand: stand.path(f"terraform/acme/{OTHER}-staging/terraform.tfstate").write_text("{"),
    "settings": lambda stand: (stand.repository(OTHER) / "platformctl.json").write_text("{"),
    "routing": lambda stand: stand.path(f"monitoring/acme/fragments/staging/{OTHER}.json").write_text("{"),
    "paging key": lambda stand: edit_json(
        stand.path(f"monitoring/acme/fragments/staging/{OTHER}.json"), lambda whole: whole.update(paging="env:X")
    ),
}


def _platform(**sections: Any) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: stand.configure({**stand.platform, **sections})


_PLATFORMS: Final[dict[str, Mapping[str, Any]]] = {
    "another team": {"teams": [*PLATFORM["teams"], {"slug": "search", "name": "Search", "paging": "env:SEARCH"}]},
    "another key of another team": {"teams": [PLATFORM["teams"][0], {**PLATFORM["teams"][1], "paging": "env:ORDERS"}]},
    "teams in another order": {"teams": PLATFORM["teams"][::-1]},
    "a registry with a slash": {"registry": "registry.example.org/acme/"},
    "more patience": {"terraform": {"tool": "any", "timeout_seconds": 300}},
    "other defaults": {"defaults": {"tier": "batch", "visibility": "private"}},
    "somebody watches the cluster": {"cluster": {"watched_by": "argo"}},
    "its defaults written out": {
        "forge": {"kind": "local"},
        "catalog": {"kind": "files"},
        "grafana": {"kind": "files"},
    },
}


def _kinds() -> Iterator[Kind]:
    yield Kind("Terraform: workspaces of others", _workspaces, "workspaces", times=3)
    yield Kind("another service is made", _service, "service", times=6)
    for name, files in _BESIDE.items():
        yield Kind(name, _files(files), name, times=4)
    yield Kind("the list of components: others in it", _edited_list, "list", times=6)
    for name, change in _OTHERS.items():
        yield Kind(f"another service's {name}: gone or broken", _others(change), "others", times=1)
    for name, sections in _PLATFORMS.items():
        yield Kind(f"the platform: {name}", _platform(**sections), "platform", times=2)


KINDS: Final = tuple(_kinds())
