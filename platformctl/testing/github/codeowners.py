"""CODEOWNERS: found, parsed, checked and asked.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from platformctl.testing.github import commits, trees
from platformctl.testing.github.access import ROLES, role
from platformctl.testing.github.errors import Refused
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it is looked for, in this order."""

_OWNER: Final = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
_NO_PATTERN: Final = re.compile(r"^!|\[|\]|^\\#")
"""What .gitignore has and CODEOWNERS has not."""


class Rule(NamedTuple):
    """One line."""

    line: int
    source: str
    pattern: str
    owners: list[str]


def find(repository: Repository, branch: str) -> tuple[str, str]:
    """Path and text on a branch, empty when there is none."""
    sha = repository.refs.get(f"refs/heads/{branch}") or repository.commit(branch)
    tree = commits.read(repository.git, sha).tree
    for path in PLACES:
        try:
            blob = trees.find(repository.git, tree, path)
            return path, repository.git.read(blob.sha, "blob").decode(errors="replace")
        except Refused:
            continue
    return "", ""


def parse(text: str) -> list[Rule]:
    """The lines that are rules."""
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.split(r"(?<!\\)\s+", re.split(r"(?:^|\s)#", line)[0].strip())
        if words[0]:
            rules.append(Rule(number, line, words[0], words[1:]))
    return rules


def errors(world: World, repository: Repository, path: str, rules: list[Rule]) -> list[dict[str, Any]]:
    """What is wrong, as https://docs.github.com/rest/repos/repos#list-codeowners-errors has it."""
    found = []
    for rule in rules:
        if _NO_PATTERN.search(rule.pattern):
            found.append(_error(rule, path, rule.pattern, "Invalid pattern", "", "this pattern is not supported"))
        for owner in rule.owners:
            if not _OWNER.fullmatch(owner):
                found.append(_error(rule, path, owner, "Invalid owner", "", "this is no @user, @org/team or address"))
            elif not may_own(world, repository, owner):
                whom = "the team" if "/" in owner else "the user"
                advice = f"make sure {whom} {owner} exists, is publicly visible, and has write access to the repository"
                found.append(_error(rule, path, owner, "Unknown owner", advice, advice))
    return found


def _error(rule: Rule, path: str, word: str, kind: str, suggestion: str, why: str) -> dict[str, Any]:
    column = rule.source.find(word) + 1
    message = f"{kind} on line {rule.line}: {why}\n\n  {rule.source}\n  {' ' * (column - 1)}^"
    return {
        "line": rule.line,
        "column": column,
        "source": rule.source,
        "kind": kind,
        "suggestion": suggestion or None,
        "message": message,
        "path": path,
    }


def may_own(world: World, repository: Repository, owner: str) -> bool:
    """Owners need write access, teams by themselves."""
    if not owner.startswith("@"):
        return True
    name = owner.removeprefix("@")
    if "/" in name:
        organisation, _, slug = name.partition("/")
        known = organisation.lower() == world.site.organisation.lower() and slug.lower() in world.teams
        level = repository.teams.get(slug.lower(), "") if known else ""
    else:
        level = role(world, Token("classic", name), repository) if name.lower() in world.users else ""
    return ROLES.index(level) >= ROLES.index("push")


def owners(rules: list[Rule], path: str) -> list[str]:
    """Whose a path is: the last matching line decides."""
    return next((rule.owners for rule in reversed(rules) if _matches(rule.pattern, path)), [])


def belongs(world: World, login: str, owner: str) -> bool:
    """Whether a user is this owner, or in the team that is."""
    name = owner.removeprefix("@").lower()
    team = world.teams.get(name.partition("/")[2])
    return name == login.lower() or (team is not None and login in team.members)


def _matches(pattern: str, path: str) -> bool:
    anchored = "/" in pattern.rstrip("/")
    text = pattern.strip("/")
    parts = []
    for piece in re.split(r"(\*\*/|/\*\*|\*|\?)", text):
        parts.append({"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}.get(piece, re.escape(piece)))
    # `docs/*` means files directly below; any other pattern means folders with all that is in them, too.
    tail = "" if pattern.endswith("/*") else "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return re.fullmatch(("" if anchored else "(?:.*/)?") + "".join(parts) + tail, path) is not None
