"""A service that really stands on the embedded platform, and is as it was made before each case."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml

from platformctl.commands import configure, doctor, fleet, init, mend, new
from platformctl.commands.diagnosis import Diagnosis
from platformctl.commands.scope import Scope
from platformctl.commands.session import Session
from platformctl.errors import Failure
from platformctl.model import Plane
from tests.drifts import people
from tests.drifts.case import Move
from tests.drifts.inventory import Inventory, component_file, dashboard_file, inventory, local_parts
from tests.drifts.people import Files

SERVICE: Final = "payments-api"
OTHER: Final = "orders-api"
PLATFORM: Final[Mapping[str, Any]] = {
    "schema": 1,
    "organisation": "acme",
    "registry": "registry.example.org/acme",
    "ci": {
        "variables": {"REGISTRY_USERNAME": "robot", "REGION": "eu-north-1"},
        "secrets": {"REGISTRY_PASSWORD": "env:REGISTRY_PASSWORD", "SCANNER_TOKEN": "env:SCANNER_TOKEN"},
        "environments": True,
    },
    "teams": [
        {"slug": "payments", "name": "Payments", "on_call": "#payments", "paging": "secret:payments"},
        {"slug": "orders", "name": "Orders", "paging": "secret:orders"},
    ],
}
ANSWERS: Final = ("team=payments", "description=Takes payments", "slo.availability=99.5")


@dataclass(frozen=True)
class After:
    """How the service would stand if something else were asked for and applied."""

    inventory: Inventory
    record: bytes
    platform: str


class Stand:
    """One home folder. `platform` is what platform.yaml says at first."""

    def __init__(self, root: Path, platform: Mapping[str, Any] = PLATFORM, **environment: str) -> None:
        self.home = root / "home"
        secrets = dict.fromkeys(("REGISTRY_PASSWORD", "SCANNER_TOKEN", "SIGNING_KEY"), "a secret")
        self.environment: dict[str, str] = {"PLATFORMCTL_HOME": str(self.home), **secrets, **environment}
        self._kept = root / "kept"
        self._path = os.environ["PATH"]
        self._after: dict[str, After] = {}
        self.move: Move | None = None
        """What is asked for in the case that is planted."""
        self.home.mkdir(parents=True)
        self.configure(platform)
        with self.entered():
            self._make(OTHER, "team=orders")
            self._make(SERVICE, *ANSWERS)
            self.keep()

    def _make(self, name: str, *answers: str) -> None:
        init.init(init.Options(""), self.session("init"), _yes)
        new.new(new.Options("service", name, settings=answers), self.session("new"), _yes)

    def close(self) -> None:
        """Nothing more will be planted here."""

    def keep(self) -> None:
        """This is how it stands from now on before each case."""
        shutil.copytree(self.home, self._kept, symlinks=True, ignore=shutil.ignore_patterns("cache"))
        self.pristine = self.inventory()

    def restore(self) -> None:
        """Let everything be as it was kept."""
        for path in self.home.iterdir():
            if path.name == "cache":
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(self._kept, self.home, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(self.home.parent / "bin", ignore_errors=True)
        os.environ["PATH"] = self._path

    def shim(self, name: str, script: str) -> None:
        """Put a program before all others, until it is restored. `$REAL` is the one of this name."""
        folder = self.home.parent / "bin"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(script.replace("$REAL", str(shutil.which(name))))
        (folder / name).chmod(0o755)
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """In this environment platformctl works here."""
        before = dict(os.environ)
        for name in [name for name in os.environ if name.startswith(("PLATFORMCTL_", "GIT_", "TF_"))]:
            del os.environ[name]
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def session(self, command: str = "doctor") -> Session:
        """A call of platformctl."""
        return Session.open((), command)

    def look(self, planes: Collection[Plane] = ()) -> Diagnosis:
        """What doctor says. Where it refuses to look, what it says of the service in a fleet."""
        try:
            return doctor.doctor(SERVICE, self.session(), Scope(planes=tuple(planes), traces=True))
        except Failure:
            return self.look_in_fleet(planes)

    def look_in_fleet(self, planes: Collection[Plane] = ()) -> Diagnosis:
        """What doctor says of the service as one of many."""
        session = self.session()
        fleet.share(session)
        found = fleet.look(session, Scope(planes=tuple(planes), traces=True), SERVICE)
        assert found is not None
        return found

    def inventory(self) -> Inventory:
        """What stands there for the service, read without platformctl."""
        return inventory(self)

    def forge_parts(self) -> dict[str, dict[str, Any]]:
        """What stands on the forge beside files, by address and part."""
        return local_parts(self.repository())

    def dashboard_parts(self) -> dict[str, Any]:
        """What stands of the dashboard, by part; empty where there is none."""
        return dashboard_file(self.home / "grafana/acme")

    def component_parts(self) -> dict[str, Any]:
        """What stands in the catalog, by part; empty where it does not know the service."""
        return component_file(self.home / "catalog/acme")

    def path(self, name: str) -> Path:
        """A file or folder in the home folder; the embedded forge's, Grafana's and so on by the organisation."""
        return self.home / name

    def repository(self, name: str = SERVICE) -> Path:
        """A repository of the embedded forge."""
        return self.home / f"forge/acme/{name}.git"

    def commit(self, files: Files, chance: Random, repository: str = SERVICE) -> None:
        """Somebody changes files on main: by a push, or by a pull request that is merged."""
        act = people.merge if chance.random() < 0.5 else people.commit
        act(self.repository(repository), files, chance)

    def content(self, path: str, repository: str = SERVICE) -> bytes:
        """A file on main."""
        return people.content(self.repository(repository), path)

    def configure(self, platform: Mapping[str, Any]) -> None:
        """Write platform.yaml."""
        (self.home / "platform.yaml").write_text(yaml.safe_dump(dict(platform), sort_keys=False))

    @property
    def platform(self) -> dict[str, Any]:
        """What platform.yaml says."""
        found: dict[str, Any] = yaml.safe_load((self.home / "platform.yaml").read_text())
        return found

    def after(self, move: Move) -> After:
        """How it would stand if this were asked for and applied. Restores."""
        if move.name not in self._after:
            self.restore()
            self.ask(replace(move, prepared=True))
            if move.answers:
                configure.configure(configure.Options(SERVICE, move.answers), self.session("configure"), _yes)
            else:
                mend.fix(SERVICE, self.session(), _yes)
            record = self.content(".platformctl.yaml")
            self._after[move.name] = After(self.inventory(), record, (self.home / "platform.yaml").read_text())
            self.restore()
        return self._after[move.name]

    def ask(self, move: Move) -> None:
        """Let platform.yaml ask for it."""
        if move.platform:
            self.configure({**copy.deepcopy(self.platform), **move.platform})
            if move.prepared:
                init.init(init.Options(""), self.session("init"), _yes)


_yes: Callable[..., bool] = lambda *_: True  # noqa: E731
