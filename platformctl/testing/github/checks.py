"""Commit statuses and check runs, as far as they are required."""

from __future__ import annotations

from typing import Final

from platformctl.testing.github.repository import Repository

_PASSING: Final = ("success", "neutral", "skipped")
"""https://docs.github.com/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks"""


def passed(repository: Repository, sha: str) -> set[str]:
    """Names of checks whose last word on a commit is good."""
    last = {check["context"]: check["conclusion"] for check in repository.checks.get(sha, ())}
    return {context for context, conclusion in last.items() if conclusion in _PASSING}


def missing(repository: Repository, sha: str, wanted: list[str]) -> list[str]:
    """What is said of required checks that have not passed."""
    open_ = [context for context in wanted if context not in passed(repository, sha)]
    if len(open_) > 1:
        return [f"{len(open_)} of {len(wanted)} required status checks are expected."]
    return [f'Required status check "{context}" is expected.' for context in open_]
