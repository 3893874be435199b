"""`platformctl override`: deviate from a golden path on purpose, with a reason and an end, and see who does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from platformctl import answers as answers_file
from platformctl import extension_points, overrides
from platformctl.answers import Answers
from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session, clone_here
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadConfig, BadInput, NotFound
from platformctl.home import write_atomically
from platformctl.model import Json, Plan
from platformctl.overrides import Override, value_at
from platformctl.recipe import Recipe

DAYS: Final = 90
"""How long an override holds when nobody says; after that it is looked at again."""
_NEVER: Final = "never"


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    service: str
    target: str
    """`STEP.INPUT=VALUE`, `file:PATH` or `step:STEP`; without the value for `drop`."""
    why: str = ""
    decided_by: str = ""
    until: str = ""
    """A day, `90d`, or `never`; 90 days from now when empty."""


@dataclass(frozen=True)
class Point:
    """One extension point of a golden path, or something outside of them, as it stands for a service."""

    target: str
    description: str
    """Empty outside of the extension points."""
    schema: Mapping[str, Json]
    default: Json
    """As the recipe has it; None where it has nothing, and for files and steps."""
    override: Override | None = None
    """The one of this service."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "target": self.target,
            "description": self.description,
            "schema": dict(self.schema),
            "default": self.default,
            "override": self.override.to_record() if self.override else None,
        }


def add(options: Options, session: Session, approve: Approve) -> Outcome:
    """Record an override and apply what follows from it. Raises `BadInput` or `BadConfig` for one that cannot be."""
    return _carried_out(options.service, session, approve, lambda record, recipe: _added(options, record, recipe))


def drop(options: Options, session: Session, approve: Approve) -> Outcome:
    """Go back to the golden path's default. Raises `NotFound` when nothing is overridden there."""
    return _carried_out(options.service, session, approve, lambda record, recipe: _dropped(options.target, record))


def preview_add(options: Options, session: Session) -> tuple[Plan, Recipe]:
    """What `add` would do. Writes nothing."""
    with session.scratch() as prepared:
        request, recipe = _request(options.service, prepared, lambda record, recipe: _added(options, record, recipe))
        return planning.make(request), recipe


def edit_here(options: Options, session: Session, *, dropping: bool) -> Path:
    """Change the record in the clone around the working folder, and nothing else; gives the file."""
    file = clone_here() / answers_file.FILE
    record = answers_file.read(file.read_bytes(), str(file))
    recipe = session.wiring.recipe(record.path, record.version)
    given = _dropped(options.target, record) if dropping else _added(options, record, recipe)
    extension_points.check(recipe, given, session.wiring.action_class)
    changed = Answers(record.service, record.path, record.version, record.answers, given)
    write_atomically(file, changed.to_text().encode())
    return file


def listed(service: str, session: Session) -> tuple[Answers, tuple[tuple[Override, bool], ...]]:
    """The overrides of a service, each with whether it holds today."""
    record = session.service(service)
    today = datetime.now(UTC).date()
    return record, tuple((override, override.holds(today)) for override in record.overrides)


def explain(service: str, target: str, session: Session) -> tuple[Answers, list[Point]]:
    """The extension points of a service's golden path, or what one target means. Raises `NotFound`."""
    record = session.service(service)
    recipe = session.wiring.recipe(record.path, record.version)
    mine = {override.target: override for override in record.overrides}
    known = dict.fromkeys([*recipe.extension_points, *mine])
    points = [_point(recipe, name, mine.get(name)) for name in known]
    if not target:
        return record, points
    for point in points:
        if point.target == target:
            return record, [point]
    asked = _parsed(target, "?", "?", date.today(), None)
    extension_points.check(recipe, [asked], session.wiring.action_class)
    return record, [_point(recipe, target, None)]


def _point(recipe: Recipe, target: str, override: Override | None) -> Point:
    given = recipe.extension_points.get(target, {})
    schema = given.get("schema", {})
    return Point(target, given.get("description", ""), schema, default_of(recipe, target), override)


def default_of(recipe: Recipe, target: str) -> Json:
    """What a recipe gives to an input, as it is written; None for what it does not give, for files and for steps."""
    step, _, place = target.partition(".")
    arguments = next((one.arguments for one in recipe.steps if one.id == step), {})
    return value_at(arguments, place.split(".")) if place and ":" not in step else None


def _carried_out(service: str, session: Session, approve: Approve, change: Any) -> Outcome:
    name = session.service(service).service
    held = run.lock(session, name)
    try:
        request, _ = _request(name, session, change)
        return run.carry_out(session, request, approve, run.unfinished(session, request))
    finally:
        held.release()


def _request(service: str, session: Session, change: Any) -> tuple[Request, Recipe]:
    record = session.service(service)
    recipe = session.wiring.recipe(record.path, record.version)
    before = session.request_before(record)
    request = session.request(recipe, record.answers, before, overrides=change(record, recipe))
    session.wiring.check(recipe, request.answers)
    return request, recipe


def _added(options: Options, record: Answers, recipe: Recipe) -> tuple[Override, ...]:
    today = datetime.now(UTC).date()
    if not options.why.strip():
        raise BadInput("an override needs a reason", hint="Say it with --why")
    until = _until(options.until, today)
    decided_by = options.decided_by or str(record.answers.get("team", ""))
    if not decided_by:
        raise BadInput("who has decided it?", hint="Say it with --by")
    new = _parsed(options.target, options.why, decided_by, today, until, recipe)
    if until is not None and until < today:
        raise BadInput(f"until: {until} has gone by", hint="Give a day to come, a number of days such as 90d, or never")
    for other in record.overrides:
        if other.target != new.target and overrides.overlap(other, new):
            raise BadInput(
                f"{new.target} is overridden already, by {other.target}",
                hint=f"Drop that first: platformctl override drop {record.service} {other.target}",
            )
    others = [other for other in record.overrides if other.target != new.target]
    return (*others, new)


def _dropped(target: str, record: Answers) -> tuple[Override, ...]:
    kept = tuple(other for other in record.overrides if other.target != target)
    if len(kept) == len(record.overrides):
        known = ", ".join(other.target for other in record.overrides) or "nothing"
        raise NotFound(f"{record.service} does not override {target!r}", hint=f"It overrides {known}")
    return kept


def _parsed(
    target: str, why: str, decided_by: str, since: date, until: date | None, recipe: Recipe | None = None
) -> Override:
    """What somebody has typed. Raises `BadInput`."""
    about: dict[str, Any] = {"why": why, "decided_by": decided_by, "since": since, "until": until}
    kind, colon, name = target.partition(":")
    if colon and kind in ("file", "step") and name:
        about[kind] = name
        return Override(**about)
    place, equals, text = target.partition("=")
    if "." not in place or (recipe is not None and not equals):
        raise BadInput(
            f"{target!r} is nothing that can be overridden",
            hint="Give STEP.INPUT=VALUE, file:PATH or step:STEP; see platformctl override explain",
        )
    return Override(input=place, value=_value(text), **about)


def _value(text: str) -> Json:
    """JSON where it is some, as 2, true or [a]; else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _until(text: str, today: date) -> date | None:
    """The last day. Raises `BadInput`."""
    if text == _NEVER:
        return None
    try:
        if not text or text.removesuffix("d").isdigit():
            return today + timedelta(days=int(text.removesuffix("d") or DAYS))
        return date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadInput(f"until: {text!r} is no day", hint="Give a day as 2027-02-28, days as 90d, or never") from None


def all_recorded(session: Session, names: Sequence[str]) -> Iterator[Answers]:
    """The records of services; one that cannot be read is passed over: doctor says why."""
    for name in names:
        try:
            if record := session.recorded(name):
                yield record
        except BadConfig:
            continue
