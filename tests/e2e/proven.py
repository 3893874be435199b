"""A service of a golden path in a world of its own, proven as it is and with defects planted in what stands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.defects import Defect
from tests.e2e.sandbox import World, ended
from tests.programs import programs

TEAM: Final = "payments"
ENVIRONMENT: Final = "staging"
_PATIENCE: Final = 300.0
"""Seconds for a proof, the first of which fetches what the service needs."""


@dataclass(frozen=True)
class Proof:
    """What a proof came to."""

    code: int
    evidence: Mapping[str, Any]

    @property
    def failed(self) -> dict[str, str]:
        """What is said of each check that failed, with its culprits."""
        return {
            check["id"]: f"{check['culprit']}: {check['detail']}"
            for check in self.evidence["checks"]
            if check["verdict"] == "failed"
        }


@dataclass(frozen=True)
class Service:
    """One that was made by `new`, and its clone."""

    world: World
    path: str
    name: str

    @classmethod
    def made(cls, root: Path, path: str, *answers: str) -> Service:
        """Make one on the embedded platform; its name is the promise's."""
        world, name = World(root), {"service": "payments-api", "worker": "payments-worker"}[path]
        programs(world.bin)
        done = world.run("new", path, name, "--team", TEAM, "--no-input", *answers)
        assert done.code == 0, done.err
        made = cls(world, path, name)
        origin = world.home / "forge/local" / f"{name}.git"
        subprocess.run(["git", "clone", "--quiet", origin, made.clone], check=True)
        return made

    @property
    def clone(self) -> Path:
        return self.world.work / self.name

    @property
    def files(self) -> Mapping[str, Path]:
        """What stands for it in monitoring, by the kind of artefact."""
        home = self.world.home
        monitoring = home / "monitoring/local"
        return {
            "dashboard": home / f"grafana/local/dashboards/team-{TEAM}/svc-{self.name}.json",
            "rules": monitoring / f"rules/{ENVIRONMENT}/{self.name}.yml",
            "alertmanager": monitoring / "alertmanager.yml",
        }

    @contextmanager
    def planted(self, defect: Defect) -> Iterator[None]:
        """The defect is there for the length of a block."""
        file = self.clone / defect.at if defect.artefact == "service" else self.files[defect.artefact]
        before = file.read_text(encoding="utf-8")
        file.write_text(defect.plant(before), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(before, encoding="utf-8")

    def prove(self, *arguments: str) -> Proof:
        """Prove the clone as it is, so that what was built once is there the next time."""
        with self.world.start("prove", "--json", *arguments, cwd=self.clone) as process:
            done = ended(process, _PATIENCE)
        assert done.code in (0, 1), done.err
        return Proof(done.code, json.loads(done.out.splitlines()[-1])["data"])
