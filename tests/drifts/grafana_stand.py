"""The same service with its dashboard in a Grafana over HTTP."""

from __future__ import annotations

import copy
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from platformctl.backends.grafana.http import client, grafana
from platformctl.testing.grafana import FakeGrafana
from tests.drifts.inventory import dashboard_parts
from tests.drifts.stand import PLATFORM, Stand
from tests.fake_grafana import TOKEN, VARIABLE, platform

UID: Final = "svc-payments-api"


class GrafanaStand(Stand):
    """On the embedded platform, but for the fake Grafana of one version."""

    def __init__(self, root: Path, version: str) -> None:
        self.grafana = FakeGrafana(version)
        self._patch = pytest.MonkeyPatch()
        for module in (client, grafana):
            self._patch.setattr(module, "PAUSES", (0.001,))  # a Grafana that fails, fails for good
        self.grafana.__enter__()
        super().__init__(root, {**platform(self.grafana), **PLATFORM}, **{VARIABLE: TOKEN})

    def close(self) -> None:
        self.grafana.__exit__(None, None, None)
        self._patch.undo()

    def keep(self) -> None:
        self._world = copy.deepcopy((self.grafana._site.world.folders, self.grafana._site.world.dashboards))
        super().keep()

    def restore(self) -> None:
        super().restore()
        self.grafana.faults.clear()
        self.grafana.token(TOKEN)
        world = self.grafana._site.world
        world.folders, world.dashboards = copy.deepcopy(self._world)

    def dashboard_parts(self) -> dict[str, Any]:
        found = self.grafana._site.world.dashboards.get(UID)
        if found is None:
            return {}
        spec = {**found.spec, "uid": UID, "schemaVersion": 36}
        listed = spec.get("templating", {}).get("list", [])
        others = [one for one in listed if one.get("name") != "platformctl"]
        return {**dashboard_parts({**spec, "templating": {"list": others}}), "folder": found.folder}

    def save(self, edit: Any, chance: Random, folder: str | None = None, *, mark: bool = False) -> None:
        """Somebody saves the dashboard in Grafana; unless it is about the `mark`, that stays as it is."""
        found = self.grafana._site.world.dashboards[UID]
        spec = self.grafana.spec(UID)
        kept = [] if mark else [one for one in spec["templating"]["list"] if one["name"] == "platformctl"]
        for one in kept:
            spec["templating"]["list"].remove(one)
        edit(spec, chance)
        spec["templating"]["list"] += kept
        self.grafana.save(UID, spec, found.folder if folder is None else folder)
