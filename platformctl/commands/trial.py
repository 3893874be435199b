"""Versions of golden paths tried out: rendered with the answers of a grid, on no platform and without a backend.

What a platform would say, and what steps that touch the world would give to others, is made up, the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from platformctl import golden_path
from platformctl.comparison.files import Kept, Trial
from platformctl.comparison.versions import Version
from platformctl.document import Document
from platformctl.engine.plan import plan_step
from platformctl.engine.request import Request, inputs_of
from platformctl.errors import BadInput, BadRecipe
from platformctl.golden_path import GoldenPath
from platformctl.inputs import Schema, complete, missing
from platformctl.model import Json, Step, Tree
from platformctl.recipe import Recipe, outputs_of_class
from platformctl.references import resolve
from platformctl.released import order
from platformctl.schemas import schema
from platformctl.wiring import Wiring

GRID: Final = Path("tests", "grid.yaml")
"""In a golden path's folder: the cases."""
_PLATFORM: Final = Path("tests", "platform.yaml")
"""Beside golden paths: what is made up of the platform and of steps."""
_FILES: Final = "files"
"""The step whose files go by their paths alone, where several steps keep files."""
_SAMPLES: Final[Mapping[str, Json]] = {"string": "example", "integer": 1, "number": 1, "boolean": False}
_NAMES: Final[Mapping[str, Json]] = {"name": "example-one", "team": "payments"}


@dataclass(frozen=True)
class Case:
    """One way to ask for a service."""

    name: str
    answers: Mapping[str, Json]
    platform: Mapping[str, Json] = field(default_factory=dict)
    """Facts of the platform that differ."""
    since: str = ""
    until: str = ""
    """The first and the last version that it is for; empty: of any."""

    def is_for(self, version: str) -> bool:
        """Whether a version is to be tried with it."""
        first, last = self.since or version, self.until or version
        return order(first) <= order(version) <= order(last)


def cases(path: GoldenPath, recipe: Recipe) -> Sequence[Case]:
    """The cases that a version is tried with: those of the grid, else one of defaults and samples.

    Raises `BadRecipe` for a grid that cannot be used.
    """
    file = path.folder / GRID
    if not file.is_file():
        return (Case("defaults", samples(recipe.inputs, {})),)
    document = Document.load(file, BadRecipe)
    document.check(schema("grid"))
    found = [Case(name, **said) for name, said in document.data["cases"].items()]
    return tuple(case for case in found if case.is_for(recipe.version))


def samples(inputs: Schema, answers: Mapping[str, Json]) -> Mapping[str, Json]:
    """An answer to each question that has to be answered and is not."""
    parts = {name: inputs["properties"][name] for name in missing(inputs, answers)}
    return {name: _sample(name, part) for name, part in parts.items()}


def _sample(name: str, part: Schema) -> Json:
    if "const" in part or "enum" in part:
        return part["const"] if "const" in part else part["enum"][0]
    kind = part.get("type", "string")
    if kind == "string":
        return _NAMES.get(name, "example")
    return {} if kind == "object" else [] if kind == "array" else _SAMPLES.get(kind)


class Trials:
    """Tries versions of one golden path out, on a platform that is made up."""

    def __init__(self, wiring: Wiring, path: GoldenPath) -> None:
        self._wiring = wiring
        self._platform: Mapping[str, Any] = {}
        self._given: Mapping[str, Any] = {}
        for root in (golden_path.shipped(), path.folder.parent):
            if (file := root / _PLATFORM).is_file():
                made_up = Document.load(file, BadRecipe).data
                self._platform = _laid_over(self._platform, made_up.get("platform", {}))
                self._given = _laid_over(self._given, made_up.get("outputs", {}))

    def version(self, recipe: Recipe, given: Sequence[Case]) -> Version:
        """A version with what it gives in some cases. Raises `BadInput` or `BadRecipe` with the case's name."""
        renderers = frozenset(step.id for step in recipe.steps if self._renders(step))
        keepers = frozenset(step.id for step in recipe.steps if self._kept(recipe, step, renderers))
        trials = {case.name: self._tried(recipe, case, renderers, keepers) for case in given}
        return Version(recipe, trials, renderers, keepers)

    def _tried(self, recipe: Recipe, case: Case, renderers: frozenset[str], keepers: frozenset[str]) -> Trial:
        try:
            return self.trial(recipe, case, renderers, keepers)
        except (BadInput, BadRecipe) as problem:
            raise type(problem)(f"case {case.name!r}: {problem.what}", where=problem.where, hint=problem.hint) from None
        except KeyError as missing:  # of a reference
            raise BadRecipe(f"case {case.name!r}: nothing says what {missing.args[0]} is") from None

    def trial(self, recipe: Recipe, case: Case, renderers: frozenset[str], keepers: frozenset[str]) -> Trial:
        """What a version gives in one case."""
        facts = _laid_over(self._platform, case.platform)
        request = Request(recipe, complete(recipe.inputs, case.answers), facts, self._wiring.action)
        outputs: dict[str, Mapping[str, Any]] = {}
        trees: dict[str, Tree] = {}
        files: dict[str, Kept] = {}
        left_out = set()
        used: set[str] = set()
        for step in recipe.steps:
            kind = self._wiring.action_class(step.uses)
            if step.when and not resolve(step.when, request.roots(outputs)):
                left_out.add(step.id)
            if step.id in renderers:
                outputs[step.id] = plan_step(request, step, outputs).outputs
                if step.id not in left_out:
                    trees[step.id] = dict(outputs[step.id]["files"])
            elif step.id in left_out:
                outputs[step.id] = dict.fromkeys(outputs_of_class(kind))
            else:
                outputs[step.id] = self._outputs(step, kind)
            if step.id in keepers - left_out:
                before = "" if len(keepers) == 1 or step.id == _FILES else f"{step.id}/"
                files |= self._files(request, step, outputs, before)
                used |= self._kept(recipe, step, renderers)
        loose = {id_: tree for id_, tree in trees.items() if id_ not in used}
        return Trial(files, loose, frozenset(left_out))

    def _renders(self, step: Step) -> bool:
        return hasattr(self._wiring.action_class(step.uses), "render")

    def _kept(self, recipe: Recipe, step: Step, renderers: frozenset[str]) -> set[str]:
        """The renderers whose files a step keeps."""
        if not hasattr(self._wiring.action_class(step.uses), "kinds"):
            return set()
        referred = {path[1] for path in recipe.references[step.id] if path[0] == "steps" and path[-1] == "files"}
        return referred & renderers

    def _outputs(self, step: Step, kind: Any) -> Mapping[str, Json]:
        """What a step that touches the world gives to others: as it is made up, else a sample of its type."""
        samples = {name: _sample(name, part) for name, part in kind.OUTPUTS["properties"].items()}
        return {**samples, **self._given.get(step.id, {})}

    def _files(self, request: Request, step: Step, outputs: Mapping[str, Any], before: str) -> Mapping[str, Kept]:
        """The files that a step keeps, by path, with something before it."""
        action = self._wiring.action_class(step.uses)(None)
        given = inputs_of(request, step, action, outputs)
        whole = {path: file for tree in given["files"] if tree for path, file in tree.items()}
        return {f"{before}{path}": Kept(whole[path], kind, step.id) for path, kind in action.kinds(given).items()}


def dead_globs(version: Version) -> Iterator[tuple[Step, str]]:
    """The globs of managed and merged files that fit no file in any case, each with its step."""
    kept = [(one.step, path) for trial in version.trials.values() for path, one in trial.files.items()]
    for step in version.recipe.steps:
        if step.id in version.keepers:
            paths = {path.removeprefix(f"{step.id}/") for id_, path in kept if id_ == step.id}
            globs = [glob for name in ("managed", "merged") for glob in step.arguments.get(name, ())]
            yield from ((step, glob) for glob in globs if not any(fnmatchcase(path, glob) for path in paths))


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with others over them; of a group of facts, those that are not said stay."""
    joined = {name: {**below[name], **said} for name, said in above.items() if isinstance(below.get(name), Mapping)}
    return {**below, **above, **joined}
