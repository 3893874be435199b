"""Answers that a repository gives by itself, each with where it was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from platformctl.adoption.contents import CATALOG, CODEOWNERS, Contents
from platformctl.document import Document
from platformctl.errors import Failure
from platformctl.model import Json

_OWNER: Final = re.compile(r"@[^\s/@]+/([A-Za-z0-9][A-Za-z0-9_.-]*)")
_TOPIC: Final = re.compile(r"team-([a-z0-9-]+)")
_COMPONENT: Final = re.compile(r"(?:component:)?(?:default/)?([a-z0-9][a-z0-9-]*)")
_GROUP: Final = re.compile(r"(?:group:)?(?:default/)?([a-z0-9][a-z0-9-]*)")
_NO_TEXT: Final = ("#", "===", "---", "***", "- ", "* ", "+ ", "![", "[![", "<", "|", ">", ".. ", ":")
"""How lines of a README begin that are no prose: headings, badges, tables, markup."""
_RULE: Final = re.compile(r"([=~^*-])\1*")
"""A line that makes what stands above it a heading."""
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"\*\*|__|`")
_WRITES: Final = ("write", "maintain", "admin")


@dataclass(frozen=True)
class Inferred:
    """One answer."""

    name: str
    value: Json
    source: str
    """Where it comes from, for people."""

    @property
    def text(self) -> str:
        """The value on one line, as people read it."""
        return as_text(self.value)

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {"name": self.name, "value": self.value, "source": self.source}


@dataclass(frozen=True)
class Around:
    """What is known of a repository besides its files."""

    name: str
    settings: Mapping[str, Any]
    """As the forge has them."""
    is_team: Callable[[str], bool]
    """Whether the platform knows a team."""
    services: Collection[str] = ()
    """Those that the catalog knows."""


def infer(contents: Contents, around: Around, language: str) -> Iterator[Inferred]:
    """Every answer that can be found, once; of several places the first one that says something counts."""
    entity = _entity(contents)
    yield Inferred("name", around.name, "the repository's name")
    yield from _first("team", _teams(contents, around, entity), around.is_team)
    yield from _first("description", _descriptions(contents, around, entity), bool)
    if spoken := next((one for one in contents.languages if one.name == language), None):
        yield Inferred("language", language, spoken.evidence)
    if visibility := around.settings.get("visibility"):
        yield Inferred("visibility", visibility, "the repository's setting")
    named = [_COMPONENT.fullmatch(str(one)) for one in _list(_at(entity, "spec").get("dependsOn"))]
    needs = sorted({found[1] for found in named if found and found[1] in around.services} - {around.name})
    if needs:
        yield Inferred("depends_on", needs, f"{CATALOG}, as far as the catalog knows them")


def as_text(value: Json) -> str:
    """A value on one line, as people read it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {as_text(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(as_text, value)) or "none"
    return " ".join(str(value).split())


def paragraph(text: str) -> str:
    """The first paragraph of prose in a README, on one line and without markup; empty where there is none."""
    lines: list[str] = []
    fenced = False
    for line in (*map(str.strip, text.splitlines()), ""):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        elif fenced or (not lines and line.startswith(_NO_TEXT)):
            continue
        elif _RULE.fullmatch(line):
            lines = []
        elif line:
            lines.append(line)
        elif lines:
            break
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", " ".join(lines))).split())


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, cut between words."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rsplit(' ', 1)[0]}…"


def _first(name: str, found: Iterator[tuple[str, str]], fits: Callable[[str], bool]) -> Iterator[Inferred]:
    for value, source in found:
        if fits(value):
            yield Inferred(name, value, source)
            return


def _teams(contents: Contents, around: Around, entity: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Teams that may own it. Where several may write, none of them is known to."""
    rules = next((place for place in CODEOWNERS if place in contents.texts), "")
    for line in contents.texts.get(rules, "").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["*"]:
            yield from ((slug, f"{rules}, the rule for *") for slug in _OWNER.findall(" ".join(words)))
    if found := _GROUP.fullmatch(str(_at(entity, "spec").get("owner", ""))):
        yield found[1], f"{CATALOG}, its owner"
    for topic in around.settings.get("topics", ()):
        if found := _TOPIC.fullmatch(topic):
            yield found[1], f"the repository's topic {topic}"
    teams = around.settings.get("teams", {})
    writers = [slug for slug, permission in teams.items() if permission in _WRITES]
    if len(writers) == 1:
        yield writers[0], "the one team that may write to the repository"


def _descriptions(contents: Contents, around: Around, entity: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield " ".join(str(around.settings.get("description") or "").split()), "the repository's description"
    yield " ".join(str(_at(entity, "metadata").get("description") or "").split()), CATALOG
    readme = contents.like("README.md")
    yield paragraph(contents.texts.get(readme, "")), f"{readme}, its first paragraph"


def _entity(contents: Contents) -> Mapping[str, Any]:
    """The component in the repository's own entry for a catalog; an empty one where there is none that can be read."""
    for text in re.split(r"^---[ \t]*$", contents.texts.get(CATALOG, ""), flags=re.MULTILINE):
        try:
            data = Document(text, CATALOG).data
        except Failure:
            continue
        if isinstance(data, Mapping) and data.get("kind") == "Component":
            return data
    return {}


def _at(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
