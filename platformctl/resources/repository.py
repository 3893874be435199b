"""`uses: repository`: the service's repository exists, with its settings and its team's access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge, RepositoryState, teams_that_count
from platformctl.errors import Moved
from platformctl.model import Address, Change, Json, Kind, Observed

_SETTINGS = ("description", "topics", "visibility", "default_branch", "merge", "security_updates", "archived")


class Repository:
    """One repository, never another's: it carries the mark of the service that it was made for."""

    PORT: ClassVar = "forge"
    ADOPTS: ClassVar = True
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "description": "The repository's name."},
            "description": {"type": "string", "default": "", "description": "One line about it."},
            "topics": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Topics to find it by. Others are left alone, unless they begin as one of these does: "
                "beside `tier-batch` there is no other `tier-…`.",
            },
            "visibility": {"enum": ["internal", "private", "public"], "description": "Who can see it."},
            "default_branch": {
                "type": "string",
                "description": "The branch that releases come from; `main`.",
            },
            "merge": {
                "enum": ["squash", "merge", "rebase"],
                "description": "The one way in which pull requests are merged; `squash`.",
            },
            "teams": {
                "type": "object",
                "additionalProperties": {"enum": ["read", "write", "maintain", "admin"]},
                "description": "Permission by team slug; no team is looked at where it is left out. "
                "Teams that may only read are left alone, because organisations give that to all.",
            },
            "security_updates": {
                "type": "boolean",
                "description": "Whether the forge warns of vulnerable dependencies and proposes updates; true.",
            },
            "properties": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Custom properties that the organisation has defined, by name; others are left alone.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The repository's name."},
            "url": {"type": "string", "description": "Where a person looks at it."},
            "clone_url": {"type": "string", "description": "What `git clone` takes."},
            "files_url": {
                "type": "string",
                "description": "A URL behind which a path is put to point at a file of the default branch.",
            },
            "default_branch": {"type": "string", "description": "Its default branch."},
        },
    }

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        settings = {
            "description": " ".join(inputs.get("description", "").split()),
            "topics": sorted(set(inputs.get("topics", ()))),
            "visibility": inputs.get("visibility", "internal"),
            "default_branch": inputs.get("default_branch", "main"),
            "merge": inputs.get("merge", "squash"),
            "archived": False,
            **({"teams": dict(inputs["teams"])} if "teams" in inputs else {}),
            "security_updates": inputs.get("security_updates", True),
            "properties": dict(inputs.get("properties", {})),
        }
        return {_address(inputs["name"]): settings}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        state = self._forge.repository(inputs["name"])
        return {_address(inputs["name"]): _observed(state, inputs)}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        name = inputs["name"]
        branch = inputs.get("default_branch", "main")
        return {
            "name": name,
            "url": self._forge.url(name),
            "clone_url": self._forge.clone_url(name),
            "files_url": self._forge.files_url(name, branch),
            "default_branch": branch,
        }

    def irreversible(self, change: Change) -> str:
        public = change.after is not None and change.after["visibility"] == "public"
        was = change.before is not None and change.before.get("visibility") == "public"
        return "what was public once may have been copied" if public and not was else ""

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        if change.adopted:
            self._forge.adopt_repository(inputs["name"], change.owner)
        if change.kind is Kind.CREATE:
            state = self._forge.create_repository(inputs["name"], change.after, change.owner)
        else:
            state = self._forge.update_repository(inputs["name"], self._whole(change, change.after), change.revision)
        return Applied(_observed(state, inputs))

    def undo(self, change: Change) -> Undone | Left:
        name = change.address.partition("/")[2]
        state = self._forge.repository(name)
        if state is None:
            self._forge.delete_repository(name, "")
            return Undone()
        if change.kind is Kind.CREATE and state.owner != change.owner:
            return Left("it was not made by this run")
        try:
            if change.adopted and change.owner is not None and state.owner == change.owner:
                self._forge.disown_repository(name, change.owner)
            if change.kind is Kind.CREATE:
                self._forge.delete_repository(name, change.left or state.revision)
            elif (now := _settings(state, change.after)) != change.before:
                unchanged = state.revision if now == change.after else change.revision
                self._forge.update_repository(name, self._whole(change, change.before), change.left or unchanged)
        except Moved as moved:
            return Left(moved.what)
        return Undone()

    def _whole(self, change: Change, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """The settings with the topics that are not platformctl's."""
        state = self._forge.repository(change.address.partition("/")[2])
        found = state.settings.get("topics", ()) if state else ()
        others = set(found) - set(_topics_that_count(found, change.after["topics"]))
        return {**settings, "topics": sorted({*settings["topics"], *others})}


def _address(name: str) -> Address:
    return f"repository/{name}"


def _observed(state: RepositoryState | None, inputs: Inputs) -> Observed:
    if state is None:
        return Observed()
    return Observed(_settings(state, inputs), state.revision, state.owner)


def _settings(state: RepositoryState, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared: the settings, and of properties, topics and teams those that platformctl asks for or minds."""
    properties = state.settings.get("properties", {})
    topics = _topics_that_count(state.settings.get("topics", ()), asked.get("topics", ()))
    settings = {key: state.settings[key] for key in _SETTINGS if key in state.settings}
    settings["properties"] = {key: properties[key] for key in asked.get("properties", {}) if key in properties}
    settings["topics"] = topics
    if "teams" in asked:
        settings["teams"] = teams_that_count(state.settings.get("teams", {}), asked["teams"])
    return settings


def _topics_that_count(found: Iterable[str], asked: Iterable[str]) -> list[str]:
    """Of a repository's topics those asked for, and those that begin as one of them does; the others are the team's."""
    beginnings = tuple(f"{topic.partition('-')[0]}-" for topic in asked if "-" in topic)
    return sorted(topic for topic in set(found) if topic in set(asked) or topic.startswith(beginnings))
