"""What every command works with: the platform, its home folder, and who listens."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from platformctl import answers as answers_file
from platformctl import config, extension_points, journal
from platformctl.answers import Answers
from platformctl.config import Config
from platformctl.engine.request import Request
from platformctl.errors import BadConfig, BadInput, Interrupted, NotFound
from platformctl.events import Reader, Stream, Type
from platformctl.home import Home
from platformctl.inputs import complete, problem_with
from platformctl.journal import Run
from platformctl.model import Json, Plan
from platformctl.overrides import Override
from platformctl.recipe import Recipe
from platformctl.wiring import MODULES, WORKFLOWS, Wiring

PROOF: Final = "prove"
"""The command whose runs change nothing."""

Approve = Callable[[Plan, Recipe], bool]
"""Shows a plan and says whether it may be applied."""


@dataclass
class Session:
    """One call of platformctl."""

    home: Home
    wiring: Wiring
    readers: Sequence[Reader]
    command: str
    stop: threading.Event = field(default_factory=threading.Event)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The day by which what golden paths announce is due."""

    @classmethod
    def open(cls, readers: Sequence[Reader], command: str) -> Session:
        """Read the configuration. Raises `BadConfig`."""
        home = Home.of_environment()
        return cls(home, Wiring(config.load(home, new=command == "init"), home), readers, command)

    def __post_init__(self) -> None:
        self.wiring.wait = self._wait

    def _wait(self, why: str, seconds: float) -> None:
        """Wait where everybody can see it. Raises `Interrupted` when the run is stopped meanwhile."""
        self.stream().emit(Type.WAITING, message=why, duration=seconds)
        if self.stop.wait(seconds):
            raise Interrupted("stopped")

    @property
    def organisation(self) -> str:
        """The organisation that is worked for; several may share a home folder."""
        return self.wiring.config.organisation

    def runs(self, service: str = "") -> Iterator[Run]:
        """This organisation's runs, newest first."""
        found = journal.runs(self.home.runs, service)
        return (run for run in found if run.organisation == self.organisation)

    def run(self, name: str) -> Run:
        """One of this organisation's runs, by its id, by the beginning or end of it, or `last`.

        Raises `NotFound` or `BadInput`.
        """
        newest = next(self.runs(), None) if name == "last" else None
        found = journal.find(self.home.runs, newest.id if newest else name)
        if found.organisation != self.organisation:
            raise BadInput(f"run {found.id} is of organisation {found.organisation}, this is {self.organisation}")
        return found

    def changing_runs(self, service: str = "") -> Iterator[Run]:
        """The same without proofs, which change nothing."""
        return (run for run in self.runs(service) if run.command != PROOF)

    def changing_run(self, name: str) -> Run:
        """The same as `run` for one that may be undone or resumed. Raises `BadInput` for a proof."""
        newest = next(self.changing_runs(), None) if name == "last" else None
        found = self.run(newest.id if newest else name)
        if found.command == PROOF:
            raise BadInput(f"run {found.id} is a proof", hint="It has changed nothing")
        return found

    def stream(self, **context: str) -> Stream:
        """A stream to whoever listens."""
        return Stream(self.readers, **context)

    def request(
        self,
        recipe: Recipe,
        given: Mapping[str, Json],
        previous: Request | None = None,
        *,
        adopt: bool = False,
        overrides: Sequence[Override] = (),
        proposal: Mapping[str, str] | None = None,
        upgrade: Mapping[str, Json] | None = None,
    ) -> Request:
        """A checked request. Raises `BadInput` for an answer that is not allowed, `BadConfig` for an override."""
        answers = complete(recipe.inputs, given)
        extension_points.check(recipe, overrides, self.wiring.action_class)
        return Request(
            recipe,
            answers,
            self.wiring.facts(answers),
            self.wiring.action,
            previous,
            self.stop,
            adopt,
            tuple(overrides),
            proposal,
            upgrade,
        )

    def recorded_request(self, recipe: Recipe, record: Answers) -> Request:
        """A request for what a service was made with. Raises `BadConfig` for an answer that is not allowed.

        A repository that carries nobody's mark is taken over: its team has put the record there, or agreed to it.
        """
        try:
            return self.request(recipe, record.answers, adopt=True, overrides=record.overrides)
        except BadInput as problem:
            raise BadConfig(problem.what, where=f"{record.service}/{answers_file.FILE}", hint=problem.hint) from None

    def request_before(self, record: Answers) -> Request:
        """What a service was made with, to be changed from. It stands already, so its overrides are not checked."""
        recipe = self.wiring.recipe(record.path, record.version)
        answers = complete(recipe.inputs, record.answers)
        facts = self.wiring.facts(answers)
        return Request(recipe, answers, facts, self.wiring.action, stop=self.stop, overrides=record.overrides)

    def defaults(self, recipe: Recipe) -> dict[str, Json]:
        """The platform's default answers that this recipe has inputs for."""
        known = recipe.inputs.get("properties", {})
        config = self.wiring.config
        found = {key: value for key, value in config.data.get("defaults", {}).items() if key in known}
        for key, value in found.items():
            if why := problem_with(recipe.inputs, key, value):
                raise BadConfig(f"defaults: {key}: {why}", where=config.where("defaults", key))
        return found

    def recorded(self, service: str) -> Answers | None:
        """What a service was made with, from its repository; None when there is no such service.

        Raises `BadConfig` when the record cannot be used.
        """
        forge = self.wiring.ports["forge"]
        head = forge.head(service, "main")
        content = forge.read(service, head, answers_file.FILE) if head else None
        if content is None:
            return None
        record = answers_file.read(content, f"{service}/{answers_file.FILE}")
        for named in (record.service, record.answers.get("name")):
            if named != service:
                raise BadConfig(f"it is the record of {named!r}", where=f"{service}/{answers_file.FILE}")
        return record

    def service(self, name: str) -> Answers:
        """What a service was made with; without a name, that of the repository around the working folder.

        Raises `NotFound` or `BadInput` saying what to do.
        """
        wanted = name or service_here()
        record = self.recorded(wanted)
        if record is None and self.wiring.ports["forge"].repository(wanted) is not None:
            raise BadConfig(
                f"repository {wanted} has no {answers_file.FILE} on main",
                hint="Bring the file back from its history, finish the service with platformctl new, "
                f"or take the repository onto a golden path with platformctl adopt {wanted}",
            )
        if record is None:
            raise NotFound(f"there is no service {wanted!r}", hint="Make one with platformctl new")
        return record

    def scratch(self) -> Scratch:
        """A prepared stand-in for an organisation that is not prepared, so that planning writes nothing that stays."""
        return Scratch(self)


def service_here() -> str:
    """The service of the clone around the working folder. Raises `BadInput` where there is none."""
    file = clone_here() / answers_file.FILE
    return answers_file.read(file.read_bytes(), str(file)).service


def clone_here() -> Path:
    """The clone of a service's repository around the working folder. Raises `BadInput` where there is none."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / answers_file.FILE).is_file():
            return folder
    raise BadInput("which service?", hint="Give its name, or go into a clone of its repository")


def not_prepared(config: Config) -> BadConfig:
    """What is wrong while an organisation's own repositories are not there, or not with today's settings."""
    return BadConfig(
        "the organisation's repositories are not what this platform needs",
        where=str(config.source),
        hint="Prepare them with: platformctl init",
    )


class Scratch:
    """A session that plans against an organisation's repositories made in a temporary folder."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folder = ""

    def __enter__(self) -> Session:
        from platformctl.commands.init import prepare

        session = self._session
        if session.wiring.prepared:
            return session
        if session.wiring.config.data["forge"]["kind"] != "local":
            raise not_prepared(session.wiring.config)
        self._folder = tempfile.mkdtemp(prefix="platformctl-")
        home = Home(Path(self._folder))
        stand_in = Session(home, Wiring(session.wiring.config, home), (), session.command)
        _copy_pinned(session.wiring, stand_in.wiring)
        prepare(stand_in)
        wiring = Wiring(session.wiring.config, session.home, stand_in.wiring)
        return Session(session.home, wiring, session.readers, session.command, session.stop)

    def __exit__(self, *_: Any) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _copy_pinned(of: Wiring, to: Wiring) -> None:
    """Copy the repositories that services pin commits of to another embedded forge: what comes on top is the same."""
    for name in (MODULES, WORKFLOWS):
        source = Path(of.ports["forge"].url(name))
        if source.is_dir():
            shutil.copytree(source, to.ports["forge"].url(name))
