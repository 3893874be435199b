"""An organisation on the fake GitHub that `platformctl init` has prepared: the same for each test, however the one
before it went."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest
import yaml

from platformctl.testing.github import Exchange, FakeGitHub
from platformctl.testing.github.forge import Moment
from tests.e2e import world
from tests.e2e.sandbox import Done, Pristine, Says, World
from tests.github import TOKEN

NEW: Final = ("new", "service", "payments-api", "--team", "payments", "--yes")
_RUN: Final = re.compile(r"\b\d{8}-\d{9}-[a-z0-9-]+-[0-9a-f]{4}\b")


@dataclass
class Organisation(World):
    """A world whose platform is on GitHub."""

    github: FakeGitHub = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.env = {"GITHUB_TOKEN": TOKEN, "GH_TOKEN": "", **self.env}
        self.began = len(self.github.exchanges)

    @property
    def init(self) -> tuple[str, ...]:
        """The command that prepares it."""
        return ("init", "--forge", "github", "--org", self.github.organisation, "--api", self.github.url, "--yes")

    def forge(self, **settings: Any) -> None:
        """Settings of the forge in platform.yaml."""
        file = self.home / "platform.yaml"
        platform = yaml.safe_load(file.read_text())
        platform["forge"] |= settings
        file.write_text(yaml.safe_dump(platform))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Something that somebody does on GitHub."""
        content = None if body is None else json.dumps(body).encode()
        request = Request(self.github.url + path, content, {"Authorization": f"Bearer {TOKEN}"}, method=method)
        with urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def exchanges(self) -> list[Exchange]:
        """What was asked of GitHub, by git too, since this was asked last."""
        found = self.github.exchanges[self.began :]
        self.began = len(self.github.exchanges)
        return found

    def refused(self, *arguments: str, code: int, says: Says = (), **options: Any) -> Done:
        """As in every world; GitHub is as it was too."""
        before = self.github.state()
        done = super().refused(*arguments, code=code, says=says, **options)
        assert self.github.state() == before
        return done

    def done(self, *arguments: str) -> Done:
        """Run it and expect it to go well."""
        done = self.run(*arguments)
        assert done.code == 0, f"{arguments}: exit {done.code}\n{done.out}\n{done.err}"
        return done

    def everything(self) -> dict[str, Any]:
        """GitHub with every commit that a branch or tag leads to, Terraform's states and the home folder's files.

        Entries of the catalog stand there with their text, which names the run that wrote them.
        """
        found = {**world.state(self.home), "github": self.github.state(), "commits": self._commits()}
        for files in found["github"]["repositories"]["catalog"]["refs"].values():
            for file in files:
                file[1] = self._git("catalog", "cat-file", "blob", file[1])
        same: dict[str, Any] = json.loads(_RUN.sub("RUN", json.dumps(found)))
        return same

    def repository(self, name: str) -> Path:
        """A repository's objects: those of deleted ones of the same name, with lower numbers, stay on disk."""
        found = (self.root.parent / "github" / self.github.organisation).glob(f"{name}-*.git")
        return max(found, key=lambda folder: int(folder.stem.rpartition("-")[2]))

    def _commits(self) -> dict[str, list[str]]:
        """The subject of every commit that a branch or tag leads to, the newest first."""
        log = ("log", "--all", "--topo-order", "--format=%s")
        return {name: self._git(name, *log).splitlines() for name in self.github.state()["repositories"]}

    def _git(self, name: str, *arguments: str) -> str:
        command = ["git", f"--git-dir={self.repository(name)}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass
class Stage:
    """A prepared organisation to start from."""

    github: FakeGitHub
    pristine: Pristine
    moment: Moment

    def restored(self) -> Organisation:
        """As it was when it had been prepared."""
        self.github.return_to(self.moment)
        return Organisation(self.pristine.restored().root, github=self.github)


@contextmanager
def prepared(root: Path, **github: Any) -> Iterator[Stage]:
    """A GitHub with the team `payments`, and an organisation on it that `init` has prepared."""
    with FakeGitHub(root / "github", **github) as server:
        server.token(TOKEN)
        server.team("payments")
        server.limits.limit = 1_000_000  # every test is within the same hour
        organisation = Organisation(root / "world", github=server)
        organisation.done(*organisation.init)
        yield Stage(server, Pristine.keep(organisation, root / "kept"), server.remember())


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The organisation that the tests of one process share."""
    with prepared(tmp_path_factory.mktemp("organisation")) as made:
        yield made


@pytest.fixture
def organisation(stage: Stage) -> Organisation:
    """A prepared organisation in which nothing else was done."""
    return stage.restored()
