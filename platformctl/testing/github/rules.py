"""Which rulesets are in force on a ref.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository
"""

from __future__ import annotations

import re
from typing import Any, Final

from platformctl.testing.github.repository import Repository

_PIECES: Final = {"**/": "(?:.*/)?", "/**": "/.*", "**": "[^/]*", "*": "[^/]*", "?": "[^/]"}
"""As Ruby's `File.fnmatch` with FNM_PATHNAME, which the page above names."""


def in_force(repository: Repository, ref: str) -> list[dict[str, Any]]:
    """The active rulesets that mean this full ref name."""
    target = "tag" if ref.startswith("refs/tags/") else "branch"
    active = (ruleset for ruleset in repository.rulesets.values() if ruleset["enforcement"] == "active")
    return [ruleset for ruleset in active if ruleset["target"] == target and _means(repository, ruleset, ref)]


def parameters(repository: Repository, ref: str, kind: str) -> list[dict[str, Any]]:
    """The parameters of every rule of a kind in force on a ref."""
    rules = [rule for ruleset in in_force(repository, ref) for rule in ruleset["rules"]]
    return [rule.get("parameters") or {} for rule in rules if rule["type"] == kind]


def _means(repository: Repository, ruleset: dict[str, Any], ref: str) -> bool:
    named = ruleset["conditions"].get("ref_name", {})
    included, excluded = (
        any(_matches(repository, pattern, ref) for pattern in named.get(part, ())) for part in ("include", "exclude")
    )
    return included and not excluded


def _matches(repository: Repository, pattern: str, ref: str) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == f"refs/heads/{repository.default_branch}"
    pieces = re.split(r"(\*\*/|/\*\*|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(_PIECES.get(piece, re.escape(piece)) for piece in pieces), ref) is not None
