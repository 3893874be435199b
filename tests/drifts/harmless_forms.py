"""What stands for a service in another form, or with more beside it, and says the same."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from tests.drifts.alerts import FRAGMENT, RULES
from tests.drifts.alerts import SHARED as ALERTMANAGER
from tests.drifts.case import Kind
from tests.drifts.dashboards import FILE, of_file
from tests.drifts.settings import meta
from tests.drifts.stand import Stand
from tests.drifts.terraform_state import FOLDER
from tests.drifts.texts import edit_json


def mixed(value: Any, chance: Random) -> Any:
    """The same in another order of keys."""
    if isinstance(value, list):
        return [mixed(one, chance) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: mixed(value[key], chance) for key in chance.sample(sorted(value), len(value))}


def _form(*names: str) -> Callable[[Stand, Random], None]:
    """JSON that says the same in another form."""

    def plant(stand: Stand, chance: Random) -> None:
        for name in names:
            file = stand.path(name)
            whole = mixed(json.loads(file.read_text()), chance)
            form = chance.choice(({}, {"indent": 4}, {"separators": (",", ":")}, {"ensure_ascii": False, "indent": 1}))
            file.write_text(chance.choice(("", "\n")) + json.dumps(whole, **form) + chance.choice(("", "\n\n")))

    return plant


def _setting(name: str, value: Any) -> Callable[[Any, Random], object]:
    return lambda whole, chance: whole["settings"].update({name: value})


def _shuffled(*place: str) -> Callable[[Any, Random], object]:
    def edit(whole: Any, chance: Random) -> None:
        for name in place:
            whole = whole[name]
        whole.reverse()

    return edit


def _more_topics(whole: Any, chance: Random) -> None:
    more = ("python", "payments", "hacktoberfest", "api", "pci-dss")
    whole["settings"]["topics"] += chance.sample(more, chance.randint(1, 3))


def _readers(whole: Any, chance: Random) -> None:
    whole["settings"]["teams"].update({"security": "read", "auditors": "read"})


def _others_of_the_pipeline(whole: Any, chance: Random) -> None:
    whole["variables"]["THEIRS"] = "theirs"
    whole["secrets"]["THEIR_TOKEN"] = "env:THEIRS"
    whole["environments"]["production"] = {"reviewers": [], "wait_minutes": 5, "protected_branches_only": False}


def _another_branch(whole: Any, chance: Random) -> None:
    rules = whole["protection"]["main"]
    whole["proposals"] = {"feature/a": {"branch": "main", "title": "a", "body": "b"}}
    whole["settings"]["homepage"] = "https://payments.example.org"
    assert rules


_FORGE: Final[dict[str, Callable[[Any, Random], object]]] = {
    "topics in another order": _shuffled("settings", "topics"),
    "checks in another order": _shuffled("protection", "main", "checks"),
    "topics of the team's own": _more_topics,
    "teams that may read": _readers,
    "custom properties": _setting("properties", {"cost-centre": "4711", "tier": "gold"}),
    "settings that nobody asked for": _setting("has_wiki", True),
    "variables, secrets and environments of their own": _others_of_the_pipeline,
    "a proposal and a home page": _another_branch,
}


def _counted(whole: Any, chance: Random) -> None:
    whole.update(id=chance.randrange(10**6), version=chance.randrange(99), iteration=1790000000000)


def _saved(whole: Any, chance: Random) -> None:
    """As Grafana's editor saves what nobody has changed: with its own fields, and defaults for what was left out."""
    _counted(whole, chance)
    whole.update(liveNow=False, preload=False, weekStart="", timepicker={})
    for panel in whole["panels"]:
        if panel["type"] != "row":
            panel["pluginVersion"] = "12.1.0"


def _numbers(whole: Any, chance: Random) -> None:
    """As something does that has one kind of number only."""
    for panel in whole["panels"]:
        panel["gridPos"] = {key: float(value) for key, value in panel["gridPos"].items()}


DASHBOARDS: Final[dict[str, Callable[[Any, Random], object]]] = {
    "in another form": lambda whole, chance: None,
    "with Grafana's numbers": _counted,
    "as Grafana saves it": _saved,
    "with numbers written otherwise": _numbers,
}


def _mixed_dashboard(edit: Callable[[Any, Random], object]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        of_file(edit)(stand, chance)
        if chance.random() < 0.5:
            _form(FILE)(stand, chance)

    return plant


def _state(edit: Callable[[Any, Random], object]) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: edit_json(
        stand.path(FOLDER) / "terraform.tfstate", lambda whole: edit(whole, chance), indent=chance.choice((None, 1, 4))
    )


def _serial(whole: Any, chance: Random) -> None:
    whole["serial"] += chance.randint(1, 50)


def _another_life(whole: Any, chance: Random) -> None:
    whole.update(lineage=str(uuid.UUID(int=chance.getrandbits(128))), serial=1, terraform_version="1.9.8")


def _reordered(whole: Any, chance: Random) -> None:
    chance.shuffle(whole["resources"][0]["instances"])
    for instance in whole["resources"][0]["instances"]:
        instance["attributes"]["id"] = str(uuid.UUID(int=chance.getrandbits(128)))


_STATES: Final[dict[str, Callable[[Any, Random], object]]] = {
    "stored again": _serial,
    "of another lineage": _another_life,
    "in another order": _reordered,
    "without results of checks": lambda whole, chance: whole.pop("check_results"),
}


def _touched(stand: Stand, chance: Random) -> None:
    for name in (RULES, FRAGMENT, FILE, ALERTMANAGER):
        stand.path(name).touch()
        stand.path(name).chmod(0o664)


def _kinds() -> Iterator[Kind]:
    record = "forge/acme/payments-api.git/platformctl.json"
    yield Kind("the forge's record in another form", _form(record), "form", times=6)
    yield Kind("routing in another form", _form(FRAGMENT), "routing", times=6)
    yield Kind("Terraform's record in another form", _form(f"{FOLDER}/workspace.json"), "workspace")
    yield Kind("marks in another form", _form(*_MARKS), "marks")
    for name, edit in _FORGE.items():
        area = "pipeline" if edit is _others_of_the_pipeline else f"forge {name}"
        yield Kind(f"the forge: {name}", meta(edit), area, times=3)
    for name, edit in DASHBOARDS.items():
        yield Kind(f"a dashboard: {name}", _mixed_dashboard(edit), "dashboard", times=5)
    for name, edit in _STATES.items():
        yield Kind(f"Terraform: a state {name}", _state(edit), "terraform", times=3)
    yield Kind("files touched, with other permissions", _touched, "touched", times=3)


_MARKS: Final = (
    "grafana/acme/.owners/dashboards/team-payments/svc-payments-api.json.json",
    "monitoring/acme/.owners/rules/staging/payments-api.yml.json",
    "monitoring/acme/.owners/fragments/staging/payments-api.json.json",
    "catalog/acme/.owners/components/payments-api.yaml.json",
)

KINDS: Final = tuple(_kinds())
