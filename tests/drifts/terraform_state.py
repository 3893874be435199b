"""What becomes of a Terraform workspace outside of platformctl: what it manages is changed, lost, or left over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from platformctl.model import Drift
from tests.drifts.case import Kind, Planted
from tests.drifts.stand import Stand
from tests.drifts.texts import edit_json

ADDRESS: Final = "terraform/payments-api/staging"
FOLDER: Final = "terraform/acme/payments-api-staging"


def state(edit: Callable[[Any, Random], object]) -> Callable[[Stand, Random], None]:
    """An edit of the state: what Terraform would have found out when it refreshed it."""

    def plant(stand: Stand, chance: Random) -> None:
        def whole(data: Any) -> None:
            edit(data, chance)
            data["serial"] += 1

        edit_json(stand.path(FOLDER) / "terraform.tfstate", whole)

    return plant


def _instances(data: Any) -> list[Any]:
    found: list[Any] = data["resources"][0]["instances"]
    return found


def _lost(count: int) -> Callable[[Any, Random], None]:
    def edit(data: Any, chance: Random) -> None:
        for instance in chance.sample(_instances(data), count):
            _instances(data).remove(instance)

    return edit


def _all_lost(data: Any, chance: Random) -> None:
    data["resources"] = []


def _changed(count: int) -> Callable[[Any, Random], None]:
    def edit(data: Any, chance: Random) -> None:
        for instance in chance.sample(_instances(data), count):
            value = instance["attributes"]["input"]["value"]
            key = chance.choice(sorted(value)) if isinstance(value, dict) else ""
            instance["attributes"]["input"]["value"] = {**value, key: "by hand"} if key else "by hand"

    return edit


def _left_over(data: Any, chance: Random) -> None:
    more = json.loads(json.dumps(chance.choice(_instances(data))))
    more["index_key"] = chance.choice(("60-job.yaml", "99-debug.yaml"))
    _instances(data).append(more)


def _lost_and_changed(data: Any, chance: Random) -> None:
    _changed(2)(data, chance)
    unchanged = [one for one in _instances(data) if "by hand" not in json.dumps(one)]
    _instances(data).remove(chance.choice(unchanged))


def _outputs(stand: Stand, chance: Random) -> Planted:
    def edit(data: Any, chance: Random) -> None:
        data["outputs"]["service"]["value"]["namespace"] = "elsewhere"

    state(edit)(stand, chance)
    return Planted({(ADDRESS, "outputs"): Drift.OUT_OF_BAND})


def _removed(*names: str) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        for name in names:
            Path(stand.path(FOLDER), name).unlink()

    return plant


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    yield Kind("Terraform: a resource is gone", state(_lost(1)), "terraform", away)
    yield Kind("Terraform: three resources are gone", state(_lost(3)), "terraform", away)
    yield Kind("Terraform: every resource is gone", state(_all_lost), "terraform", away, times=2)
    yield Kind("Terraform: a resource was changed", state(_changed(1)), "terraform", away)
    yield Kind("Terraform: two resources were changed", state(_changed(2)), "terraform", away)
    yield Kind("Terraform: a resource that nobody asked for", state(_left_over), "terraform", away)
    yield Kind("Terraform: changed and gone", state(_lost_and_changed), "terraform", away)
    yield Kind("Terraform: another output", _outputs, "terraform", away, times=2)
    yield Kind("Terraform: the record is gone", _removed("workspace.json"), "terraform", away, gone=away, times=2)
    yield Kind("Terraform: the state is gone", _removed("terraform.tfstate"), "terraform", away, times=2)
    yield Kind(
        "Terraform: state and record are gone", _removed("workspace.json", "terraform.tfstate"), "terraform", away
    )


KINDS: Final = tuple(_kinds())
