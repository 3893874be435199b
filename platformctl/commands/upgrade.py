"""`platformctl upgrade`: bring a service to another version of its golden path, by a pull request to its team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from platformctl import changelog, extension_points, migration
from platformctl.action import Branches, Upgrading
from platformctl.answers import Answers
from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.new import Ask, completed
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.versions import check_version
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadConfig, BadInput
from platformctl.golden_path import GoldenPath
from platformctl.inputs import put, read_setting
from platformctl.merge import Conflict, Fate, Merged
from platformctl.migration import Operation
from platformctl.model import Json, Observed, Plan
from platformctl.overrides import Override
from platformctl.recipe import Recipe
from platformctl.released import order

UPGRADE: Final = "upgrade"
"""The command whose runs propose another version."""


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    service: str
    to: str = ""
    """The version; empty: the newest one."""
    settings: Sequence[str] = ()
    """`key=value`: answers that the later version asks for."""


@dataclass(frozen=True)
class Step:
    """From which version of a golden path to which."""

    service: str
    path: str
    before: str
    to: str

    @property
    def needed(self) -> bool:
        """Whether the service is on another version."""
        return self.before != self.to

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {"service": self.service, "path": self.path, "from": self.before, "to": self.to}


def upgrade(
    options: Options, session: Session, approve: Approve, ask: Ask | None = None
) -> tuple[Step, Outcome | None]:
    """Propose what brings a service to a later version; again, that proposal follows. No outcome: it is there already.

    Raises `BadInput` for a version that is none to go to, and for an answer that is missing or not allowed.
    """
    name = session.service(options.service).service
    ensure_prepared(session)
    held = run.lock(session, name)
    try:
        record = session.service(name)
        step = step_of(options, session, record)
        if not step.needed:
            return step, None
        answers = answers_for(step, session, record, options.settings, ask)
        request = request_for(step, session, record, answers)
        return step, run.carry_out(session, request, approve, run.unfinished(session, request))
    finally:
        held.release()


def preview(options: Options, session: Session, ask: Ask | None = None) -> tuple[Step, Plan | None]:
    """What `upgrade` would propose. Writes nothing."""
    record = session.service(options.service)
    step = step_of(options, session, record)
    if not step.needed:
        return step, None
    with session.scratch() as prepared:
        answers = answers_for(step, prepared, record, options.settings, ask)
        return step, planning.make(request_for(step, prepared, record, answers))


def step_of(options: Options, session: Session, record: Answers) -> Step:
    """From where to where a service goes, with what is said of the version.

    Raises `NotFound` or `BadInput` for a version that is none to go to.
    """
    path = session.wiring.golden_path(record.path)
    to = path.version_folder(options.to).name
    if order(to) < order(record.version):
        raise BadInput(
            f"{record.service} is on {path.name} {record.version}, which is later than {to}",
            hint=f"An upgrade is taken back by platformctl undo; see platformctl runs list --service {record.service}",
        )
    step = Step(record.service, path.name, record.version, to)
    if step.needed:
        check_version(session, path, to, "--to")
    return step


def answers_for(
    step: Step, session: Session, record: Answers, settings: Sequence[str] = (), ask: Ask | None = None
) -> Mapping[str, Json]:
    """A service's answers as the later version asks for them. Raises `BadInput` where one is missing or not allowed."""
    recipe = session.wiring.recipe(step.path, step.to)
    operations = migration.between(session.wiring.golden_path(step.path), step.before, step.to)
    answers = migration.migrated_answers(operations, record.answers)
    for setting in settings:
        place, value = read_setting(recipe.inputs, setting)
        if place == ("name",):
            raise BadInput("a service keeps its name", hint="Make a new one with platformctl new")
        put(answers, place, value)
    return completed(session, recipe, answers, ask)


def request_for(step: Step, session: Session, record: Answers, answers: Mapping[str, Json]) -> Request:
    """What the later version asks for of a service, with what it was made with before, to be proposed.

    Raises `BadConfig` for an override that the later version does not allow, for a script of a path that is not
    trusted, and where the platform lacks what it asks for; `BadRecipe` for a version or a migration that is broken.
    """
    path = session.wiring.golden_path(step.path)
    operations = migration.between(path, step.before, step.to)
    how = _how(session, path, step, operations)
    recipe = session.wiring.recipe(step.path, step.to)
    overrides = migration.migrated_overrides(operations, record.overrides)
    _check_overrides(session, step, recipe, overrides)
    return session.request(
        recipe,
        answers,
        session.request_before(record),
        adopt=True,
        overrides=overrides,
        proposal={"title": f"Upgrade to {step.path} {step.to}", "text": _pitch(path, step)},
        upgrade=how,
    )


def _check_overrides(session: Session, step: Step, recipe: Recipe, overrides: Sequence[Override]) -> None:
    """Raise `BadConfig`, saying what to do first, for an override that the later version does not allow."""
    try:
        extension_points.check(recipe, overrides, session.wiring.action_class)
    except BadConfig as problem:
        raise BadConfig(
            problem.what,
            where=problem.where,
            hint=f"It was allowed by {step.path} {step.before}, and is not by {step.to}. Change or drop it first: "
            f"platformctl override list {step.service}",
        ) from None


def _how(session: Session, path: GoldenPath, step: Step, operations: Sequence[Operation]) -> dict[str, Json]:
    """What the files' action is told of the way from one version to the other. Raises `BadConfig` without trust."""
    scripts = [one for one in operations if one.kind == "script"]
    if scripts and path.name not in session.wiring.config.trusted:
        raise BadConfig(
            f"coming to {step.path} {step.to} runs a script: {scripts[0].given['why']}",
            where=scripts[0].where,
            hint=f"Read it; then name {path.name} in `trusted_paths` of platform.yaml",
        )
    return {
        "from": f"{step.path} {step.before}",
        "to": f"{step.path} {step.to}",
        "moves": dict(migration.moves(operations)),
        "rewrites": [dict(one.given) for one in operations if one.kind == "rewrite"],
        "scripts": [str(one.folder / one.given["run"]) for one in scripts],
    }


def _pitch(path: GoldenPath, step: Step) -> str:
    """What a reviewer reads first, in Markdown: what changes, and why, as the path's changelog has it."""
    first = f"platformctl asks to bring this service from golden path `{step.path}` {step.before} to {step.to}."
    news = "\n\n".join(_news(path, step))
    return f"{first}\n\n{news}" if news else first


def _news(path: GoldenPath, step: Step) -> Iterator[str]:
    """The changelog's sections of the versions on the way, the newest first as it stands there."""
    for version, text in changelog.sections(path.folder):
        if version in path.versions and order(step.before) < order(version) <= order(step.to):
            yield text


def branches(session: Session, plan: Plan) -> Branches:
    """Where a plan of another version is, or would be, proposed. Raises `BadConfig` where nothing of it can be."""
    for planned in plan.steps:
        action: Any = session.wiring.action(planned.step.uses, planned.step.folders)
        if isinstance(action, Upgrading) and any(isinstance(seen, Observed) for seen in planned.observed.values()):
            return action.upgrade_branches(planned.inputs)
    raise BadConfig(f"{plan.path} {plan.version} has no step that could be proposed")


def disputed(plan: Plan) -> list[Conflict]:
    """What a person has to decide, in the order of its paths."""
    return sorted((conflict for found in _merges(plan) for conflict in found.conflicts), key=lambda one: one.path)


def conflicts(plan: Plan) -> list[str]:
    """The files that a person has to decide about, sorted."""
    return sorted({conflict.path for conflict in disputed(plan)})


def merged(plan: Plan) -> list[str]:
    """The files in which what the team has changed and what the path has changed go together, sorted."""
    return sorted({path for found in _merges(plan) for path, fate in found.fates.items() if fate is Fate.MERGED})


def _merges(plan: Plan) -> Iterator[Merged]:
    for planned in plan.steps:
        for seen in planned.observed.values():
            if isinstance(seen, Observed) and (upgrade := seen.facts.get("upgraded")):
                yield upgrade.merged
