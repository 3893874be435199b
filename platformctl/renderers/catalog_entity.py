"""`uses: catalog_entity`: `catalog-info.yaml`, what a service is and whose, as Backstage reads it.

Nothing in it is typed in by hand, and a comment behind each value says where it was taken from. The owner is read from
the very CODEOWNERS that the repository gets, so the two cannot differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote

from platformctl.action import Inputs
from platformctl.errors import BadInput, BadRecipe
from platformctl.model import File, Json, Tree
from platformctl.renderers.sourced_yaml import Fields, Sourced, document

FILE: Final = "catalog-info.yaml"

_HEAD: Final = """\
# Written by platformctl. Behind each value stands where it comes from: an answer is in .platformctl.yaml.
"""
_NAME: Final = "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$"
_NAME_RULE: Final = "at most 63 lower-case letters, digits, `-`, `_` and `.`, with a letter or digit first and last"
_WORD: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
_WORD_RULE: Final = "lower-case letters, digits and single hyphens between them"
_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]*[A-Za-z0-9](:\d{1,5})?([/?#][!-~]*)?|file:///[!-~]*")
"""Every one of these can be parsed as the URL standard has it; ASCII without spaces."""
_OWNER: Final = re.compile(r"^\*[ \t]+@[^/\s]+/([a-z0-9][a-z0-9-]*)[ \t]*$", re.MULTILINE)
_CODEOWNERS: Final = (".github/CODEOWNERS", "CODEOWNERS")
"""Where the owners are named; of two places a forge takes the first."""

_ANSWER: Final = "answer"
_GOLDEN_PATH: Final = "the golden path"
_TEAM: Final = "the platform's team"
_SOURCES: Final = {
    "repository": "output of repository",
    "runbook": "output of repository",
    "dashboard": "output of grafana_dashboard",
}
"""Where each link comes from."""


def _text(description: str) -> Mapping[str, Json]:
    return {"type": "string", "description": description}


def _name(rule: str = _NAME_RULE) -> Mapping[str, Json]:
    return {"type": "string", "pattern": _NAME, "description": rule}


class CatalogEntity:
    """Renders a component, and the API that it serves if it serves one."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": [
            "name",
            "type",
            "language",
            "tier",
            "environments",
            "links",
            "files",
            "golden_path",
            "golden_path_version",
        ],
        "additionalProperties": False,
        "properties": {
            "name": _name(f"The service's name: {_NAME_RULE}."),
            "description": _text("One line about what it does."),
            "type": {
                "type": "string",
                "pattern": _WORD,
                "description": f"What kind of component it is, `service` or `worker`: {_WORD_RULE}.",
            },
            "language": {
                "type": "string",
                "pattern": _WORD,
                "maxLength": 63,
                "description": f"What it is written in: {_WORD_RULE}.",
            },
            "tier": {
                "type": "string",
                "pattern": _WORD,
                "maxLength": 50,
                "description": f"How much it gets and how it is kept up: {_WORD_RULE}.",
            },
            "visibility": _text("Who can see the repository."),
            "system": _name(f"The system that it is a part of: {_NAME_RULE}."),
            "environments": {
                "type": "array",
                "items": {"type": "string", "pattern": _WORD, "description": _WORD_RULE},
                "description": "Where it runs. It is experimental until `production` is among them.",
            },
            "depends_on": {
                "type": "array",
                "items": _name(),
                "description": "Services that it calls.",
            },
            "files": {
                "type": "array",
                "description": "Rendered files, CODEOWNERS among them: its rule for `*` names the owner.",
            },
            "links": {
                "type": "object",
                "required": ["repository"],
                "additionalProperties": False,
                "description": "Where people go on from here, each a URL or an absolute path.",
                "properties": {
                    "repository": {**_text("Its repository."), "minLength": 1},
                    "runbook": _text("What to do when it breaks."),
                    "dashboard": _text("How it is doing."),
                },
            },
            "on_call": _text("Where to reach who is on call."),
            "openapi": {
                "type": "string",
                "pattern": "^(/[!-~]*)?$",
                "description": "Where the service serves its OpenAPI document, a path that begins with a slash.",
            },
            "golden_path": {**_name(), "description": f"The golden path: {_NAME_RULE}."},
            "golden_path_version": _text("Its version."),
        },
    }

    def __init__(self, *folders: Path) -> None:
        self._recipe = str(folders[0] / "recipe.yaml") if folders else ""

    def render(self, inputs: Inputs) -> Tree:
        """Raises `BadInput` for a service that depends on itself, `BadRecipe` for files or places that do not fit."""
        if inputs["name"] in inputs.get("depends_on", ()):
            raise BadInput(f"depends_on: {inputs['name']} cannot depend on itself", hint="Leave it out")
        files = {path: file for tree in inputs["files"] for path, file in tree.items()}
        owner = self._owner(files)
        documents = [self._component(inputs, owner)]
        if inputs.get("openapi"):
            documents.append(_api(inputs, owner))
        return {FILE: File((_HEAD + "---\n".join(map(document, documents))).encode())}

    def _owner(self, files: Tree) -> Sourced:
        place = next((place for place in _CODEOWNERS if place in files), "")
        rules = files[place].content.decode() if place else ""
        if len(teams := _OWNER.findall(rules)) != 1:
            raise BadRecipe(
                "the owner is the one team that CODEOWNERS names for *, and the files have no such rule",
                where=self._recipe,
            )
        return Sourced(f"group:default/{teams[0]}", place)

    def _component(self, inputs: Inputs, owner: Sourced) -> Fields:
        links = {name: self._url(name, place) for name, place in inputs["links"].items() if place}
        repository = links["repository"]
        depends_on = [f"component:default/{name}" for name in sorted(set(inputs.get("depends_on", ())))]
        return {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {
                "name": Sourced(inputs["name"], f"{_ANSWER} name"),
                "description": Sourced(inputs.get("description", ""), f"{_ANSWER} description"),
                "annotations": {
                    "backstage.io/source-location": Sourced(_location(repository), _SOURCES["repository"]),
                    "platformctl/golden-path": Sourced(inputs["golden_path"], _GOLDEN_PATH),
                    "platformctl/golden-path-version": Sourced(inputs["golden_path_version"], _GOLDEN_PATH),
                    "platformctl/tier": Sourced(inputs["tier"], f"{_ANSWER} tier"),
                    "platformctl/visibility": Sourced(inputs.get("visibility", ""), f"{_ANSWER} visibility"),
                    "platformctl/environments": Sourced(", ".join(inputs["environments"]), _GOLDEN_PATH),
                    "platformctl/on-call": Sourced(inputs.get("on_call", ""), _TEAM),
                },
                "tags": Sourced([inputs["language"], f"tier-{inputs['tier']}"], "answers language and tier"),
                "links": [_link(name, links[name]) for name in _SOURCES if name in links],
            },
            "spec": {
                "type": Sourced(inputs["type"], _GOLDEN_PATH),
                "owner": owner,
                **_standing(inputs),
                "dependsOn": Sourced(depends_on, f"{_ANSWER} depends_on"),
                "providesApis": Sourced([inputs["name"]] if inputs.get("openapi") else [], _GOLDEN_PATH),
            },
        }

    def _url(self, name: str, place: str) -> str:
        """A place as a URL that Backstage accepts. Raises `BadRecipe` for text that is neither URL nor path."""
        # Not `as_uri`, which writes a path in the locale's encoding.
        url = f"file://{quote(place, errors='surrogateescape')}" if place.startswith("/") else place
        if not _URL.fullmatch(url):
            raise BadRecipe(f"links.{name}: {place!r} is neither a URL nor an absolute path", where=self._recipe)
        return url


def _location(repository: str) -> str:
    """The repository as Backstage names places; it has a word of its own for files."""
    return repository if repository.startswith("file:") else f"url:{repository.rstrip('/')}/"


def _link(name: str, url: str) -> Fields:
    return {"url": Sourced(url, _SOURCES[name]), "title": name.capitalize(), "type": name}


def _standing(inputs: Inputs) -> Fields:
    lifecycle = "production" if "production" in inputs["environments"] else "experimental"
    return {
        "lifecycle": Sourced(lifecycle, "production when that is among the environments"),
        "system": Sourced(inputs.get("system", ""), _TEAM),
    }


def _api(inputs: Inputs, owner: Sourced) -> Fields:
    """The API entity. What it can do is known to the running service alone, and the definition says so."""
    name = inputs["name"]
    about = f"The running service serves the whole document at {inputs['openapi']}."
    definition: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "0.0.0", "description": about},
        "paths": {},
    }
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "metadata": {
            "name": Sourced(name, f"{_ANSWER} name"),
            "description": Sourced(f"The HTTP API of {name}", f"{_ANSWER} name"),
        },
        "spec": {
            "type": "openapi",
            "owner": owner,
            **_standing(inputs),
            "definition": Sourced(json.dumps(definition), _GOLDEN_PATH),
        },
    }
