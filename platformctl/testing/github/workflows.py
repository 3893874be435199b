"""Workflow files, which not every token may touch.

https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps, scope `workflow`
"""

from __future__ import annotations

from typing import Final

from platformctl.testing.github import commits, trees
from platformctl.testing.github.access import has_permission, has_scope, inaccessible
from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.moves import Move
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.trees import Entry

FOLDER: Final = ".github/workflows/"
_PERMISSION: Final = "workflows:write"


def may_touch(token: Token) -> bool:
    """Whether a token has the scope or permission."""
    return has_scope(token, "workflow") if token.kind == "classic" else has_permission(token, _PERMISSION)


def forbidden(token: Token, repository: Repository, move: Move) -> str:
    """The path of a workflow that a move brings in, or takes away, and that this token may not touch; or nothing.

    What stands on another branch already may be brought along.
    """
    if may_touch(token) or not move.new or not move.branch:
        return ""
    new = _of(repository, move.new)
    if move.old and (gone := _of(repository, move.old).keys() - new.keys()):
        return min(gone)
    there = {pair for sha in repository.refs.values() for pair in _of(repository, sha).items()}
    return min((path for path, entry in new.items() if (path, entry) not in there), default="")


def _of(repository: Repository, sha: str) -> dict[str, Entry]:
    tree = commits.read(repository.git, repository.peeled(sha)).tree
    try:
        folder = trees.find(repository.git, tree, FOLDER.rstrip("/"))
    except Refused:
        return {}
    return {FOLDER + path: entry for path, entry in trees.files(repository.git, folder.sha).items()}


def refusal(token: Token, path: str) -> str:
    """What git is told; recorded in https://github.com/refined-github/refined-github/issues/7641 and many others."""
    if token.kind == "installation":
        return f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
    return f"refusing to allow a Personal Access Token to create or update workflow `{path}` without `workflow` scope"


def hidden(token: Token) -> Refused:
    """What the API answers for a tree or a file with a workflow in it: 404 to classic tokens, 403 to others.

    https://github.com/gr2m/octokit-plugin-create-pull-request/issues/104,
    https://github.com/IAreKyleW00t/verified-bot-commit/issues/331.
    """
    return not_found() if token.kind == "classic" else inaccessible(token, _PERMISSION)
