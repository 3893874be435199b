"""A repository that platformctl did not make, looked at: which golden path fits it, and what its answers would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from platformctl.adoption import fitness
from platformctl.adoption.contents import Contents, read
from platformctl.adoption.fitness import Candidate, Fit, language_of
from platformctl.adoption.inference import Around, Inferred, infer, shortened
from platformctl.adoption.signs import Signs
from platformctl.commands.new import Ask, completed
from platformctl.commands.session import Session
from platformctl.commands.versions import check_version
from platformctl.engine import plan as planning
from platformctl.errors import BadInput, BadRecipe, Failure, NotFound, Taken
from platformctl.events import Type
from platformctl.golden_path import GoldenPath
from platformctl.inputs import missing, problem_with, put, read_setting
from platformctl.model import Json
from platformctl.recipe import Recipe
from platformctl.wiring import RESERVED

_BRANCH: Final = "main"


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    repository: str
    path: str = ""
    """The golden path; empty: the one that fits best."""
    version: str = ""
    settings: Sequence[str] = ()
    """`key=value`, in the order given; a later one wins."""


@dataclass(frozen=True)
class Survey:
    """What was found out."""

    name: str
    settings: Mapping[str, Any]
    """The repository's, as the forge has them."""
    contents: Contents
    fits: tuple[Fit, ...]
    """The chosen path first, then the others, the best of them first."""
    recipe: Recipe
    answers: Mapping[str, Json]
    sources: tuple[Inferred, ...]
    """Every answer with where it comes from."""

    @property
    def language(self) -> str:
        """What the application is written in, as far as the path is for it."""
        return language_of(self.contents, _languages(self.recipe))


def survey(options: Options, session: Session, ask: Ask | None) -> Survey:
    """Look at a repository; whoever is there is asked for what it does not say. Writes nothing.

    Raises `NotFound`, `Taken` or `BadInput` for a repository that cannot be adopted, saying why.
    """
    settings = adoptable(options.repository, session)
    forge = session.wiring.ports["forge"]
    tree = forge.tree(options.repository, forge.head(options.repository, _BRANCH))
    entries = {path: f"{entry.mode} {entry.blob}" for path, entry in tree.items()}
    if not entries:
        raise BadInput(
            f"repository {options.repository} holds no files",
            hint=f"Make a service in it with: platformctl new PATH {options.repository} --adopt",
        )
    contents = read(entries, lambda blob: forge.blob(options.repository, blob))
    around = _around(options.repository, settings, session)
    fits = _fits(options, session, contents, around)
    recipe = session.wiring.recipe(fits[0].path, fits[0].version)
    check_version(session, session.wiring.golden_path(recipe.path), recipe.version, "--path-version")
    answers, sources = _answers(options, session, recipe, contents, around, ask)
    return Survey(options.repository, settings, contents, tuple(fits), recipe, answers, sources)


def adoptable(name: str, session: Session) -> Mapping[str, Any]:
    """The settings of a repository that can be adopted. Raises `NotFound`, `Taken` or `BadInput` for any other."""
    if name in RESERVED:
        raise Taken(f"the repository {name} is the organisation's own", hint="Choose another one")
    if record := session.recorded(name):
        raise Taken(
            f"{name} is on golden path {record.path} {record.version} already",
            hint=f"Change its answers with platformctl configure {name}, its version with platformctl upgrade {name}",
        )
    forge = session.wiring.ports["forge"]
    state = forge.repository(name)
    if state is None:
        raise NotFound(f"there is no repository {name!r}", hint=f"See what there is in {session.organisation}")
    if state.owner.service:
        whose = "platformctl has made it" if state.owner.service == name else f"it belongs to {state.owner.service}"
        raise Taken(
            f"repository {name} is no one to adopt: {whose}",
            hint=f"Finish it with platformctl new, or see platformctl runs list --service {name}",
        )
    settings: Mapping[str, Any] = state.settings
    if settings.get("archived"):
        raise BadInput(f"repository {name} is archived", hint="Bring it back first")
    branch = settings.get("default_branch") or _BRANCH
    if branch != _BRANCH or not forge.head(name, _BRANCH):
        raise BadInput(
            f"repository {name} has no default branch main",
            hint="Golden paths need one: rename its branch, and try again",
        )
    return settings


def _around(name: str, settings: Mapping[str, Any], session: Session) -> Around:
    def is_team(slug: str) -> bool:
        try:
            return session.wiring.config.team(slug).slug == slug
        except BadInput:
            return False

    return Around(name, settings, is_team, session.wiring.ports["catalog"].names())


def _fits(options: Options, session: Session, contents: Contents, around: Around) -> list[Fit]:
    """How well every version of every path fits, the chosen one first."""
    fits = [fitness.fit(contents, one) for one in _candidates(session, contents, around)]
    if not options.path:
        if options.version:
            raise BadInput("--path-version needs --path", hint="Say of which golden path")
        chosen = fitness.best(options.repository, contents, fits)
    else:
        path = session.wiring.golden_path(options.path)
        if path.internal:
            raise NotFound(f"golden path {options.path!r} is platformctl's own", hint="See platformctl path list")
        recipe = session.wiring.recipe(options.path, options.version)
        known = {(one.path, one.version): one for one in fits}
        chosen = known.get((recipe.path, recipe.version)) or fitness.fit(
            contents, _candidate(session, recipe, contents, around)
        )
    others = sorted((one for one in fits if one != chosen), key=lambda one: -one.points)
    return [chosen, *others]


def _candidates(session: Session, contents: Contents, around: Around) -> Iterator[Candidate]:
    """Every version of every path that may be chosen, the newest first. One that is broken is told, and no more."""
    offered = [path for path in session.wiring.golden_paths().values() if _is_offered(path)]
    for path in offered:
        for version in reversed(path.offered):
            try:
                yield _candidate(session, session.wiring.recipe(path.name, version), contents, around)
            except BadRecipe as problem:
                session.stream().emit(Type.NOTE, message=f"{path.name} {version} is not looked at: {problem}")


def _is_offered(path: GoldenPath) -> bool:
    return not path.internal and path.lifecycle != "deprecated"


def _candidate(session: Session, recipe: Recipe, contents: Contents, around: Around) -> Candidate:
    driver = str(recipe.proof.get("driver", ""))
    signs = getattr(session.wiring.driver(driver), "SIGNS", Signs()) if driver else Signs()
    languages = _languages(recipe)
    language = language_of(contents, languages)
    files = _files(session, recipe, contents, around) if language else ()
    return Candidate(recipe.path, recipe.version, languages, driver, signs, files)


def _languages(recipe: Recipe) -> Sequence[str]:
    found: Sequence[str] = recipe.inputs.get("properties", {}).get("language", {}).get("enum", ())
    return found


def _files(session: Session, recipe: Recipe, contents: Contents, around: Around) -> Sequence[str]:
    """The names of the files that a path would give the repository; none where what is known so far does not do."""
    answers = {one.name: one.value for one in _allowed(recipe, contents, around)}
    teams = session.wiring.config.data.get("teams", ())
    for name in missing(recipe.inputs, answers):
        answers[name] = recipe.inputs["properties"][name].get("enum", [name])[0]
        if name == "team" and teams:
            answers[name] = teams[0]["slug"]
    try:
        plan = planning.make(session.request(recipe, answers, proposal={"title": "", "text": ""}))
    except Failure:
        return ()
    return sorted({path for step in plan.steps for wanted in step.desired.values() for path in wanted})


def _allowed(recipe: Recipe, contents: Contents, around: Around) -> Iterator[Inferred]:
    """The inferred answers that this recipe has inputs for and allows."""
    known = recipe.inputs.get("properties", {})
    for one in infer(contents, around, language_of(contents, _languages(recipe))):
        if one.name not in known:
            continue
        value = one.value
        if isinstance(value, str) and one.name == "description":
            value = shortened(value, known[one.name].get("maxLength", len(value)))
        if one.name == "name" or not problem_with(recipe.inputs, one.name, value):
            yield Inferred(one.name, value, one.source)


def _answers(
    options: Options, session: Session, recipe: Recipe, contents: Contents, around: Around, ask: Ask | None
) -> tuple[Mapping[str, Json], tuple[Inferred, ...]]:
    """All answers, and each with its source: what was given before what was inferred, and that before defaults."""
    answers = session.defaults(recipe)
    sources = dict.fromkeys(answers, "the platform's default")
    for one in _allowed(recipe, contents, around):
        answers[one.name] = one.value
        sources[one.name] = one.source
    for setting in options.settings:
        place, value = read_setting(recipe.inputs, setting)
        if place == ("name",) and value != options.repository:
            raise BadInput("a service has its repository's name", hint="Rename the repository first")
        put(answers, place, value)
        sources[place[0]] = "given"
    spoken = contents.languages[0].name if contents.languages else ""
    languages = _languages(recipe)
    if spoken and languages and "language" not in sources:
        raise BadInput(
            f"{recipe.path} {recipe.version} is for {', '.join(languages)}, and {options.repository} is {spoken}",
            hint="Choose another path, or say what counts with --set language=…",
        )
    asked = set(missing(recipe.inputs, answers))
    whole = completed(session, recipe, answers, ask)
    known = {name: sources.get(name, "asked" if name in asked else "the path's default") for name in whole}
    return whole, tuple(Inferred(name, value, known[name]) for name, value in whole.items())
