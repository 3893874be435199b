"""One version of a golden path: YAML read into a `Recipe`, with everything checked that can be before it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from platformctl.document import Document, first_problem, schema_problem
from platformctl.errors import BadRecipe, NotFound
from platformctl.extended import Extended
from platformctl.model import Json, Plane, Step
from platformctl.references import references
from platformctl.schemas import schema

FACTS = ("path", "version")
"""What `${{ recipe.x }}` can name."""


@dataclass(frozen=True)
class Recipe:
    """A checked recipe; its steps stand in an order in which they can run."""

    path: str
    version: str
    description: str
    inputs: Mapping[str, Json]
    steps: tuple[Step, ...]
    outputs: Mapping[str, str] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    proof: Mapping[str, Json] = field(default_factory=dict)
    """How a service is proven, with references, as `recipe.schema.json` describes it; empty: it cannot be."""
    extension_points: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """Where services are expected to deviate, by what an override is of."""
    abstract: bool = False
    """Whether it is there to be extended only, and nothing can be made with it."""

    @cached_property
    def references(self) -> Mapping[str, frozenset[tuple[str, ...]]]:
        """What each step refers to, by the step's id."""
        return {step.id: frozenset(references([step.arguments, step.when])) for step in self.steps}

    def needed_by(self, steps: Collection[str]) -> set[str]:
        """These steps, and all whose outputs they are given. What only comes before them is not among these."""
        needed: set[str] = set()
        for step in reversed(self.steps):  # which stand in an order in which they can run
            if step.id in steps or step.id in needed:
                needed |= {step.id, *(path[1] for path in self.references[step.id] if path[0] == "steps")}
        return needed

    @property
    def facts(self) -> Mapping[str, str]:
        """The values of `${{ recipe.x }}`."""
        return {"path": self.path, "version": self.version}


ActionClass = Callable[[str], Any]
"""Finds an action by the name in `uses`; raises KeyError with the known names when there is none."""

FindVersion = Callable[[str, str], Path]
"""Finds the folder of a golden path's version. Raises `NotFound`."""


def load(folder: Path, action: ActionClass, platform_facts: Collection[str], find: FindVersion) -> Recipe:
    """Read and check `recipe.yaml` in a version's folder, with what it extends.

    `platform_facts` are the dotted names that `${{ platform.x }}` can mean. Raises `BadRecipe`, with file and line,
    for YAML that is broken, a field that is not known, an unknown action, a bad reference or a cycle.
    """
    extended = Extended(_documents(folder, find))
    extended.check(schema("recipe"))
    return _Checker(extended, action, platform_facts).recipe()


def _documents(folder: Path, find: FindVersion) -> list[Document]:
    """A recipe, the one that it extends, and so on."""
    documents: list[Document] = []
    while True:
        file = folder / "recipe.yaml"
        if not file.is_file():
            raise BadRecipe("there is no recipe.yaml here", where=str(folder))
        document = Document.load(file, BadRecipe)
        document.check(schema("recipe"))
        _check_steps(document)
        documents.append(document)
        if "extends" not in document.data:
            return documents
        try:
            folder = find(*document.data["extends"].split(" "))
        except NotFound as problem:
            raise BadRecipe(problem.what, where=document.where("extends"), hint=problem.hint) from None
        if str(folder / "recipe.yaml") in [known.source for known in documents]:
            raise BadRecipe("this recipe extends itself", where=document.where("extends"))


def _check_steps(document: Document) -> None:
    seen: set[str] = set()
    for index, step in enumerate(document.data.get("steps", ())):
        if step["id"] in seen:
            raise BadRecipe(f"the step id {step['id']!r} is used twice", where=document.where("steps", index, "id"))
        seen.add(step["id"])


class _Checker:
    def __init__(self, extended: Extended, action: ActionClass, platform_facts: Collection[str]) -> None:
        self._extended = extended
        self._data = extended.data
        self._action = action
        self._platform_facts = platform_facts
        self._actions: dict[str, Any] = {}
        self._steps: dict[str, dict[str, Any]] = {raw["id"]: raw for raw in self._data["steps"]}

    def recipe(self) -> Recipe:
        data = self._data
        self._check_inputs()
        self._check_extension_points()
        for index, raw in enumerate(data["steps"]):
            self._check_action(index, raw)
        needs = {raw["id"]: self._needs(index, raw) for index, raw in enumerate(data["steps"])}
        for name in ("outputs", "next", "proof"):
            self._references_below(data.get(name, {}), name)
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError as problem:
            ring = " → ".join(problem.args[1])
            index = [raw["id"] for raw in data["steps"]].index(problem.args[1][0])
            self._refuse(f"these steps wait for one another: {ring}", "steps", index)
        index_of = {raw["id"]: index for index, raw in enumerate(data["steps"])}
        steps = [
            Step(
                id=raw["id"],
                uses=raw["uses"],
                plane=Plane(raw["plane"]),
                title=raw.get("title", raw["id"]),
                arguments=raw.get("with", {}),
                needs=tuple(sorted(needs[raw["id"]])),
                when=raw.get("when", ""),
                folders=self._extended.folders,
                where=self._extended.where("steps", index_of[raw["id"]]),
            )
            for raw in (self._steps[id_] for id_ in order)
        ]
        return Recipe(
            path=data["path"],
            version=data["version"],
            description=data["description"],
            inputs=data["inputs"],
            steps=tuple(steps),
            outputs=data.get("outputs", {}),
            next=tuple(data.get("next", ())),
            proof=data.get("proof", {}),
            extension_points=data.get("extension_points", {}),
            abstract=self._extended.abstract,
        )

    def _refuse(self, what: str, *at: str | int) -> None:
        raise BadRecipe(what, where=self._extended.where(*at))

    def _check_inputs(self) -> None:
        if problem := schema_problem(self._data["inputs"]):
            at, message = problem
            self._refuse(f"not a JSON Schema: {message}", "inputs", *at)
        name = self._data["inputs"].get("properties", {}).get("name")
        if name is None or not ("name" in self._data["inputs"].get("required", ()) or "default" in name):
            self._refuse("every recipe has an input `name`, and requires it", "inputs")

    def _check_extension_points(self) -> None:
        for name, point in self._data.get("extension_points", {}).items():
            if problem := schema_problem(point.get("schema", {})):
                at, message = problem
                self._refuse(f"not a JSON Schema: {message}", "extension_points", name, "schema", *at)
            step = name.partition(":")[2] if name.startswith("step:") else name.partition(".")[0]
            if not name.startswith("file:") and step not in self._steps:
                self._refuse(f"there is no step {step!r}", "extension_points", name)

    def _check_action(self, index: int, raw: dict[str, Any]) -> None:
        try:
            action = self._actions[raw["id"]] = self._action(raw["uses"])
        except KeyError as unknown:
            self._refuse(f"no action is called {raw['uses']!r}; known: {unknown.args[0]}", "steps", index, "uses")
        given = raw.get("with", {})
        wanted = action.INPUTS
        for key in given:
            if key not in wanted["properties"]:
                known = ", ".join(sorted(wanted["properties"]))
                self._refuse(f"{raw['uses']} has no input {key!r}; known: {known}", "steps", index, "with", key)
            if "${{" not in str(given[key]) and (problem := first_problem(wanted["properties"][key], given[key])):
                self._refuse(f"{key}: {problem[1]}", "steps", index, "with", key)
        for key in wanted.get("required", ()):
            if key not in given and not self._extended.abstract:
                self._refuse(f"{raw['uses']} needs the input {key!r}", "steps", index)

    def _needs(self, index: int, raw: dict[str, Any]) -> set[str]:
        needs: set[str] = set(raw.get("needs", ()))
        for need in needs:
            if need not in self._steps:
                known = ", ".join(self._steps)
                self._refuse(f"there is no step {need!r}; steps: {known}", "steps", index, "needs")
        for key, value in raw.get("with", {}).items():
            needs |= self._references(value, "steps", index, "with", key, when=raw.get("when", ""))
        self._references(raw.get("when", ""), "steps", index, "when")
        return needs

    def _references_below(self, value: Any, *at: str | int) -> None:
        """Check every reference in nested mappings; a bad one is said to be on its own line."""
        if isinstance(value, Mapping):
            for key, part in value.items():
                self._references_below(part, *at, key)
        else:
            self._references(value, *at)

    def _references(self, value: Any, *at: str | int, when: str = "") -> set[str]:
        """Check every reference in a value; the result is the steps that it refers to."""
        steps: set[str] = set()
        try:
            found = list(references(value))
        except ValueError as problem:
            self._refuse(str(problem), *at)
        for path in found:
            match path:
                case ("inputs",) | ("inputs", *_):
                    self._check_input(path, at)
                case ("platform", *rest):
                    if ".".join(rest) not in self._platform_facts:
                        known = ", ".join(sorted(self._platform_facts))
                        self._refuse(f"the platform has no {'.'.join(rest)!r}; it has {known}", *at)
                    if rest[0] == "team" and "team" not in self._data["inputs"].get("required", ()):
                        self._refuse("platform.team is the team of a required input `team`, which is missing", *at)
                case ("recipe", name) if name in FACTS:
                    pass
                case ("overrides",):
                    pass
                case ("steps", id_, "outputs", *rest) if rest:
                    self._check_output(id_, rest[0], when, at, in_list=isinstance(value, list))
                    steps.add(id_)
                case _:
                    self._refuse(
                        f"'${{{{ {'.'.join(path)} }}}}' refers to nothing; there are inputs.NAME, platform.NAME, "
                        f"recipe.{' and recipe.'.join(FACTS)}, overrides, and steps.ID.outputs.NAME",
                        *at,
                    )
        return steps

    def _check_input(self, path: tuple[str, ...], at: tuple[str | int, ...]) -> None:
        here = self._data["inputs"]
        for name in path[1:]:
            properties = here.get("properties", {})
            if name not in properties:
                known = ", ".join(properties) or "none"
                self._refuse(f"there is no input {'.'.join(path[1:])!r}; inputs: {known}", *at)
            here = properties[name]

    def _check_output(self, id_: str, name: str, when: str, at: tuple[str | int, ...], *, in_list: bool) -> None:
        if id_ not in self._steps:
            self._refuse(f"there is no step {id_!r}; steps: {', '.join(self._steps)}", *at)
        outputs = outputs_of_class(self._actions[id_])
        if name not in outputs:
            self._refuse(f"step {id_!r} has no output {name!r}; it has {', '.join(outputs)}", *at)
        condition = self._steps[id_].get("when", "")
        adds_nothing = in_list and hasattr(self._actions[id_], "render")  # a renderer that is left out gives no files
        if condition and condition != when and at[0] == "steps" and not adds_nothing:
            self._refuse(f"step {id_!r} may be left out; refer to it only under the same `when`", *at)


def outputs_of_class(action: Any) -> Collection[str]:
    """The outputs that an action declares; a renderer has one, its files."""
    if hasattr(action, "render"):
        return ("files",)
    return tuple(action.OUTPUTS["properties"])
