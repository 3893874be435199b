"""A service that is to be run on this machine: what it was made with, how it is run, and its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformctl.answers import Answers
from platformctl.commands.session import Session, clone_here
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.model import Step
from platformctl.references import references, resolve
from platformctl.stack.checkout import Source, checkout
from platformctl.stack.tools import Tools


@dataclass(frozen=True)
class Subject:
    """A service as its golden path describes it."""

    record: Answers
    team: str
    """The slug of the team that owns it; empty where the golden path has no teams."""
    proof: Mapping[str, Any]
    """The recipe's `proof`, without references; empty where it has none."""
    clone: Path | None
    """The working folder that was meant, when no service was named."""

    @property
    def service(self) -> str:
        """Its name."""
        return self.record.service

    @property
    def environment(self) -> str:
        """The environment whose alerts are meant; empty where the golden path has none."""
        return str(self.proof.get("alerts", {}).get("environment", ""))

    def variables(self, endpoint: str) -> dict[str, str]:
        """What the service gets in its environment, with the collector's endpoint."""
        given = {str(name): str(value) for name, value in self.proof.get("environment", {}).items()}
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} | given

    def labels(self) -> dict[str, str]:
        """The labels that Prometheus puts on all that it scrapes of the service."""
        labels = {"service": self.service, "environment": self.environment}
        return {name: value for name, value in labels.items() if value}


def subject(session: Session, service: str) -> Subject:
    """A service by its name, else that of the clone around the working folder.

    Raises `NotFound` or `BadInput` saying what to do.
    """
    record = session.service(service)
    recipe = session.wiring.recipe(record.path, record.version)
    request = session.recorded_request(recipe, record)
    team = request.platform.get("team", {}).get("slug", "")
    return Subject(record, team, _proof(request), None if service else clone_here())


@contextmanager
def sources(session: Session, subject: Subject, tools: Tools) -> Iterator[Source]:
    """Its sources for the length of a block: the clone as it is, or main as the forge has it.

    Raises `Busy` when somebody else works with the same checkout, `ToolFailed` when it cannot be fetched.
    """
    if subject.clone is not None:
        yield Source(subject.clone)
        return
    forge, name = session.wiring.ports["forge"], subject.service
    folder = session.home.path / "cache" / "checkouts" / session.organisation / name
    head, url, environment = forge.head(name, "main"), forge.clone_url(name), forge.git_environment()
    what = f"platformctl {session.command} {name}"
    with checkout(folder, url, head, environment=environment, what=what, tools=tools) as source:
        yield source


def _proof(request: Request) -> Mapping[str, Any]:
    """The recipe's `proof` with what its references refer to; only steps that it needs are looked at."""
    recipe = request.recipe
    steps = {step.id: step for step in recipe.steps}
    needed: dict[str, Step] = {}
    wanted = [path[1] for path in references(recipe.proof) if path[0] == "steps"]
    while wanted:
        step = steps[wanted.pop()]
        if step.id not in needed:
            needed[step.id] = step
            wanted += step.needs
    chosen = tuple(step for step in recipe.steps if step.id in needed)
    plan = planning.make(replace(request, recipe=replace(recipe, steps=chosen)))
    outputs = {planned.step.id: planned.outputs for planned in plan.steps}
    found: Mapping[str, Any] = resolve(recipe.proof, request.roots(outputs))
    return found
