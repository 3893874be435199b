"""`uses: branch_protection`: the default branch changes by review and passing checks only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge
from platformctl.errors import Moved, NoAccess, ToolFailed
from platformctl.model import Address, Change, Difference, Drift, Json, Kind, Observed

_OWNERS: Final = "owner_problems"


class BranchProtection:
    """The protection of one branch of one repository."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "branch": {"type": "string", "description": "The branch; `main`."},
            "reviews": {
                "type": "integer",
                "minimum": 0,
                "description": "How many reviews a change needs; 1.",
            },
            "code_owners": {"type": "boolean", "description": "Whether an owner must be among them; true."},
            "checks": {"type": "array", "items": {"type": "string"}, "description": "Checks that must pass."},
            "linear_history": {"type": "boolean", "description": "Whether merge commits are refused; true."},
            "bypass": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Who may write without review: `organisation-admin`, `role:admin`, `app:ID`, `team:ID`.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {"branch": {"type": "string", "description": "The protected branch."}},
    }

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        rules = {
            "reviews": inputs.get("reviews", 1),
            "code_owners": inputs.get("code_owners", True),
            "checks": list(inputs.get("checks", ())),
            "linear_history": inputs.get("linear_history", True),
            "bypass": sorted(inputs.get("bypass", ())),
            "force_push": False,
            "deletion": False,
            "in_force": True,
            _OWNERS: [],
        }
        return {_address(inputs): rules}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        return {_address(inputs): self._look(inputs["repository"], _branch(inputs), inputs.get("checks", ()))}

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        if line.what != _OWNERS:
            return Drift.OUT_OF_BAND
        # They come with an edit of the file that names owners, or when somebody takes the owners' access away.
        repository, branch = inputs["repository"], _branch(inputs)
        try:
            head = self._forge.head(repository, branch)
            files = {problem.partition(" line ")[0] for problem in (change.before or {})[_OWNERS]}
            touches = [touch for file in files for touch in self._forge.touched(repository, head, file)]
        except (ToolFailed, NoAccess):
            return Drift.OUT_OF_BAND
        return Drift.OUT_OF_BAND if all(touch.owner.service for touch in touches) else Drift.EDITED

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"branch": _branch(inputs)}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        rules = _rules(change.after)
        self._forge.protect(inputs["repository"], _branch(inputs), rules, change.revision)
        return Applied(self._look(inputs["repository"], _branch(inputs), change.after["checks"]))

    def undo(self, change: Change) -> Undone | Left:
        _, repository, branch = change.address.split("/", 2)
        if self._forge.repository(repository) is None:
            return Undone()
        seen = self._look(repository, branch, (change.before or change.after)["checks"])
        if seen.value == change.before:
            if seen.value is None:
                # What a killed protection left half done goes too.
                self._forge.protect(repository, branch, None, seen.revision)
            return Undone()
        if (
            seen.revision != change.left
            and self._look(repository, branch, change.after["checks"]).value != change.after
        ):
            return Left("it was changed since")
        if change.before is not None and not change.before["in_force"]:
            return Left("a protection that was not in force is not put out of force again")
        rules = None
        if change.kind is not Kind.CREATE:
            rules = _rules(change.before)
        try:
            self._forge.protect(repository, branch, rules, seen.revision)
        except Moved as moved:
            return Left(moved.what)
        return Undone()

    def _look(self, repository: str, branch: str, asked: Sequence[str]) -> Observed:
        """What stands there, in the order in which it is asked for where that is all that differs."""
        rules, revision = self._forge.protection(repository, branch)
        if rules is None:
            return Observed(None, revision)
        checks = list(asked) if sorted(rules.get("checks", ())) == sorted(asked) else rules.get("checks", [])
        order = {"checks": checks, "bypass": sorted(rules.get("bypass", ()))}
        return Observed({**rules, **order, _OWNERS: self._owner_problems(repository, branch)}, revision)

    def _owner_problems(self, repository: str, branch: str) -> list[str]:
        """What keeps code owners from being asked: a review by nobody protects nothing."""
        head = self._forge.head(repository, branch)
        return list(self._forge.owner_problems(repository, head)) if head else []


def _rules(value: Mapping[str, Json]) -> dict[str, Json]:
    """What can be set: the rest is only to be seen."""
    return {key: set_ for key, set_ in value.items() if key not in ("in_force", _OWNERS)}


def _branch(inputs: Inputs) -> str:
    branch: str = inputs.get("branch", "main")
    return branch


def _address(inputs: Inputs) -> Address:
    return f"branch_protection/{inputs['repository']}/{_branch(inputs)}"
