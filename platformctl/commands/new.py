"""`platformctl new`: from nothing to a service in staging; `platformctl plan` shows what that would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.versions import check_version
from platformctl.document import Document, is_valid
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadInput, NotFound, Taken
from platformctl.events import Type
from platformctl.inputs import complete, missing, problem_with, put, read_setting
from platformctl.model import Json, Plan
from platformctl.recipe import Recipe
from platformctl.schemas import schema
from platformctl.wiring import RESERVED

Ask = Callable[[Recipe, str], str]
"""Asks a person for one input."""


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    path: str
    name: str
    version: str = ""
    settings: Sequence[str] = ()
    """`key=value`, in the order given; a later one wins."""
    answers: Path | None = None
    adopt: bool = False
    """Whether a repository of this name that nobody made with platformctl is taken over."""
    allow_withdrawn: bool = False
    """Whether a version may be used that is withdrawn or has ended."""


def new(options: Options, session: Session, approve: Approve, ask: Ask | None = None) -> Outcome:
    """Make the service, or finish making it, or find that it is there already.

    Raises `Taken` when the name is in use by something else or by a service with other answers.
    """
    recipe, answers = gather(options, session, ask)
    if ensure_prepared(session):
        session.stream().emit(Type.NOTE, message=f"prepared the embedded platform in {session.home.path} (first use)")
    held = run.lock(session, answers["name"])
    try:
        request = requested(session, recipe, answers, adopt=options.adopt)
        if not check_same(session, request):
            _check_path(session, options, recipe)
            check_access(session, request)
        return run.carry_out(session, request, approve, run.unfinished(session, request))
    finally:
        held.release()


def plan(options: Options, session: Session, ask: Ask | None = None) -> tuple[Plan, Recipe]:
    """Say what `new` would do. Writes nothing."""
    recipe, answers = gather(options, session, ask)
    with session.scratch() as prepared:
        request = requested(prepared, recipe, answers, adopt=options.adopt)
        if not check_same(prepared, request):
            _check_path(prepared, options, recipe)
            check_access(prepared, request)
        return planning.make(request), recipe


def requested(session: Session, recipe: Recipe, answers: Mapping[str, Json], *, adopt: bool) -> Request:
    """What is asked for; a service that is there keeps its overrides."""
    record = session.recorded(str(answers["name"]))
    overrides = record.overrides if record else ()
    return session.request(recipe, answers, adopt=adopt or record is not None, overrides=overrides)


def _check_path(session: Session, options: Options, recipe: Recipe) -> None:
    """Tell what is said of the path and its version. Raises `BadInput` for a version that is not to be taken."""
    path = session.wiring.golden_path(recipe.path)
    if path.lifecycle == "deprecated":
        session.stream().emit(Type.NOTE, message=f"golden path {path.name} is deprecated")
    check_version(
        session,
        path,
        recipe.version,
        "--path-version",
        escape="--allow-withdrawn",
        allowed=options.allow_withdrawn,
    )


def check_access(session: Session, request: Request) -> None:
    """Raise `NoAccess` or `BadInput`, before anything is written, when the forge would not let this service be made."""
    team = request.platform.get("team", {}).get("slug", "")
    session.wiring.ports["forge"].check_access(team, str(request.answers.get("visibility", "")))


def gather(options: Options, session: Session, ask: Ask | None) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe and checked answers, from the file, the flags, the platform's defaults and the person, in this order.

    Raises `BadInput` when an answer is missing or not allowed.
    """
    if session.wiring.golden_path(options.path).internal:
        raise NotFound(f"golden path {options.path!r} is platformctl's own", hint="See platformctl path list")
    recipe = session.wiring.recipe(options.path, options.version)
    answers: dict[str, Json] = session.defaults(recipe)
    if options.answers is not None:
        answers |= _read_answers(options.answers)
    for setting in options.settings:
        put(answers, *read_setting(recipe.inputs, setting))
    if options.name:
        answers["name"] = options.name
    return recipe, completed(session, recipe, answers, ask)


def completed(session: Session, recipe: Recipe, answers: dict[str, Json], ask: Ask | None) -> Mapping[str, Any]:
    """All answers of a new service: who is there is asked for what is missing, and defaults are filled in.

    Raises `BadInput` when an answer is missing or not allowed, `Taken` for a name of the organisation's own, and what
    `Wiring.check` raises.
    """
    for name in missing(recipe.inputs, answers):
        if ask is None:
            about = recipe.inputs["properties"][name].get("description", "")
            raise BadInput(f"{name} is missing ({about})", hint=f"Give it with {_flag(name)}")
        answers[name] = ask(recipe, name)
    whole = complete(recipe.inputs, answers)
    if not is_valid(service := schema("answers")["properties"]["service"], whole["name"]):
        raise BadInput(f"name: {whole['name']!r} is not {service['description']}", hint="Choose another name")
    if whole["name"] in RESERVED:
        raise Taken(f"the name {whole['name']} is the organisation's own", hint="Choose another name")
    if whole["name"] in whole.get("depends_on", ()):
        raise BadInput(f"depends_on: {whole['name']} cannot depend on itself", hint="Leave it out")
    session.wiring.check(recipe, whole)
    return whole


def reject(recipe: Recipe, name: str, text: str) -> str:
    """Why a person's answer cannot be used, or an empty string."""
    return problem_with(recipe.inputs, name, text)


def _flag(name: str) -> str:
    return "the argument NAME" if name == "name" else f"--set {name}=…"


def _read_answers(file: Path) -> dict[str, Json]:
    if not file.is_file():
        raise BadInput("there is no such file", where=str(file))
    data = Document.load(file, BadInput).data
    if not isinstance(data, dict):
        raise BadInput("answers are a mapping of inputs", where=str(file))
    record = data.get("answers") if "schema" in data else data
    if not isinstance(record, dict):
        raise BadInput("answers are a mapping of inputs", where=str(file))
    return record


def check_same(session: Session, request: Request) -> bool:
    """Whether the service exists. Raises `Taken` when it does with another path, version or other answers."""
    record = session.recorded(request.service)
    if record is None:
        return False
    if (record.path, record.version) != (request.recipe.path, request.recipe.version):
        raise Taken(f"{request.service} exists already, made with {record.path} {record.version}")
    before = complete(request.recipe.inputs, record.answers)
    if changed := [key for key in request.answers if before.get(key) != request.answers[key]]:
        key = changed[0]
        shown = yaml.safe_dump(before.get(key), default_flow_style=True).strip().removesuffix("...").strip()
        raise Taken(
            f"{request.service} exists already, with {key} {shown}",
            hint=f"Choose another name, or change it with: platformctl configure {request.service} --set {key}=…",
        )
    return True
