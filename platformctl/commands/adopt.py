"""`platformctl adopt`: an existing repository is taken onto a golden path, by a pull request to its team."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from platformctl import overrides
from platformctl.action import Keeping
from platformctl.adoption import pitch
from platformctl.adoption.expectations import expectations
from platformctl.adoption.keeping import DAYS, Fate, Verdict, file_overrides, verdicts
from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.new import Ask, check_access
from platformctl.commands.run import Outcome
from platformctl.commands.session import Session
from platformctl.commands.survey import Options, Survey, adoptable, survey
from platformctl.document import is_valid
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadRecipe
from platformctl.events import Type
from platformctl.model import Json, Plan, Plane, Planned
from platformctl.overrides import Override
from platformctl.recipe import Recipe

_WORKFLOWS: Final = ".github/workflows/"
_READS: Final = "read"


@dataclass(frozen=True)
class Adoption:
    """What would be proposed to a repository's team."""

    survey: Survey
    verdicts: tuple[Verdict, ...]
    """What becomes of each file of the path."""
    expected: tuple[str, ...]
    """What has to be looked at before the merge."""
    afterwards: tuple[str, ...]
    """What is made and changed after the merge, for people."""
    request: Request

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "fits": [one.to_json() for one in self.survey.fits],
            "answers": [one.to_json() for one in self.survey.sources],
            "files": [one.to_json() for one in self.verdicts],
            "overrides": [one.to_record() for one in self.request.overrides],
            "expected": list(self.expected),
            "afterwards": list(self.afterwards),
        }


Approve = Callable[[Adoption], bool]
"""Shows what would be proposed, and says whether it may be."""


def adopt(options: Options, session: Session, approve: Approve, ask: Ask | None = None) -> tuple[Outcome, Adoption]:
    """Propose to a repository's team what it takes to be on a golden path; again, that proposal follows.

    Raises `NotFound`, `Taken` or `BadInput` for a repository that cannot be adopted.
    """
    with session.scratch() as prepared:
        found = survey(options, prepared, ask)
    if ensure_prepared(session):
        session.stream().emit(Type.NOTE, message=f"prepared the embedded platform in {session.home.path} (first use)")
    held = run.lock(session, options.repository)
    try:
        adoptable(options.repository, session)
        adoption = _adoption(found, session)
        check_access(session, adoption.request)
        unfinished = run.unfinished(session, adoption.request)
        return run.carry_out(session, adoption.request, lambda plan, recipe: approve(adoption), unfinished), adoption
    finally:
        held.release()


def preview(options: Options, session: Session, ask: Ask | None = None) -> tuple[Plan, Adoption]:
    """What `adopt` would propose. Writes nothing."""
    with session.scratch() as prepared:
        adoption = _adoption(survey(options, prepared, ask), prepared)
        check_access(prepared, adoption.request)
        return planning.make(adoption.request), adoption


def _adoption(found: Survey, session: Session) -> Adoption:
    """What of the path is added to the repository, and what stays, with the overrides that say so."""
    recipe, answers = found.recipe, found.answers
    first = session.request(recipe, answers, adopt=True)
    decided_by = str(first.platform.get("team", {}).get("slug", "")) or "adopt"
    today = first.today

    def of_input(step: str, name: str, value: Json, why: str) -> Override:
        until = today + timedelta(days=DAYS)
        return Override(f"Adopted as it was: {why}", decided_by, today, until, input=f"{step}.{name}", value=value)

    plan = planning.make(first, planes={Plane.DEVELOPER})
    settings = [of_input(*one) for one in _kept_settings(session, plan, found.settings)]
    if settings:
        plan = planning.make(replace(first, overrides=tuple(settings)), planes={Plane.DEVELOPER})
    kinds, wanted, rendered = _files(session, plan)
    decided = verdicts(found.contents, wanted, kinds, found.language)
    given = [*settings, *file_overrides(decided, decided_by, today)]
    if any(one.path.startswith(_WORKFLOWS) and one.fate is Fate.TEAM for one in decided):
        why = "the pipeline is the team's own, and does not report the path's checks"
        given += [of_input(step, "checks", [], why) for step in _steps_with(session, recipe, "checks")]
    given = list(_as_proposed_before(session, found.name, given))
    expected = tuple(expectations(found.contents, decided, rendered))
    afterwards = tuple(_afterwards(session, recipe, plan))
    proposal = {
        "title": pitch.title(found.name, found.fits[0]),
        "text": pitch.text(found.name, found.fits, found.sources, given, expected, afterwards),
    }
    request = session.request(recipe, answers, overrides=given, proposal=proposal)
    return Adoption(found, tuple(decided), expected, afterwards, request)


def _afterwards(session: Session, recipe: Recipe, plan: Plan) -> Iterator[str]:
    """What every step does once the files are there; of what is taken over, what changes of it."""
    changed = {change.step: change.differences for change in plan.changes if change.adopted}
    for step in recipe.steps:
        action = session.wiring.action_class(step.uses)
        if hasattr(action, "render") or "proposal" in action.INPUTS["properties"]:
            continue
        if next(one.skipped for one in plan.steps if one.step.id == step.id):
            continue
        yield f"{step.plane.value}: {step.title}"
        yield from (f"  {line.what}: {line.text}" for line in changed.get(step.id, ()) if line.what != "owner")


def _files(session: Session, plan: Plan) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, bytes]]:
    """How each file that would be proposed is kept, its mode and blob hash, and its content. Raises `BadRecipe`."""
    for step in plan.steps:
        action = _proposer(session, step)
        if action is not None:
            (wanted,) = step.desired.values()
            trees = step.inputs["files"]
            return action.kinds(step.inputs), wanted, {path: tree[path].content for tree in trees for path in tree}
    raise BadRecipe(f"golden path {plan.path} {plan.version} has no files to propose")


def _proposer(session: Session, step: Planned) -> Any:
    """The action of a step whose files can be proposed; None for any other step."""
    action = session.wiring.action(step.step.uses, step.step.folders)
    takes = "proposal" in action.INPUTS["properties"] and isinstance(action, Keeping)
    return action if takes and step.desired else None


def _steps_with(session: Session, recipe: Recipe, name: str) -> Iterator[str]:
    """The steps that are given an input of this name."""
    for step in recipe.steps:
        if name in step.arguments and name in session.wiring.action_class(step.uses).INPUTS["properties"]:
            yield step.id


def _kept_settings(session: Session, plan: Plan, settings: Mapping[str, Any]) -> Iterator[tuple[str, str, Json, str]]:
    """What the path would take from the repository: step, input, the value with what is there, and why."""
    taken_over = {change.step for change in plan.changes if change.adopted}
    for planned in (one for one in plan.steps if one.step.id in taken_over):
        known = session.wiring.action_class(planned.step.uses).INPUTS["properties"]
        teams, topics = (planned.inputs.get(name) for name in ("teams", "topics"))
        there = settings.get("teams", {}).items() if teams is not None else ()
        # A permission that only the forge knows cannot be asked for.
        others = {slug: given for slug, given in there if given != _READS and is_valid(known["teams"], {slug: given})}
        if others.keys() - (teams or {}):
            yield planned.step.id, "teams", {**others, **(teams or {})}, "other teams may write to it"
        if topics is not None and (more := set(settings.get("topics", ())).difference(topics)):
            yield planned.step.id, "topics", sorted({*topics, *more}), "it has topics of its own"


def _as_proposed_before(session: Session, name: str, given: Sequence[Override]) -> Iterator[Override]:
    """The overrides with the days that an earlier proposal has for the same: to ask again changes nothing."""
    runs = (one for one in session.changing_runs(name) if one.command == session.command and one.changes)
    last = next(runs, None)
    known = overrides.read(last.first.data.get("overrides", ()), last.id) if last else ()
    before = {(one.target, str(one.value), one.why, one.decided_by): one for one in known}
    for one in given:
        earlier = before.get((one.target, str(one.value), one.why, one.decided_by))
        yield replace(earlier, where="") if earlier and earlier.holds(one.since) else one
