"""Refs: https://docs.github.com/rest/git/refs.

The refusals are recorded in https://github.com/philschatz/octokit.js/issues/21,
https://github.com/xorbitsai/xagent/pull/2403, https://github.com/github/rest-api-description/issues/2746 and
https://github.com/github/rest-api-description/issues/4887.
"""

from __future__ import annotations

import re
from typing import Any

from platformctl.testing.github import commits, moves, protection
from platformctl.testing.github.errors import not_found, unprocessable
from platformctl.testing.github.moves import Move
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_WELL_FORMED = re.compile(
    r"refs/[^/]+/(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)|/\.|[\x00-\x20~^:?*\[\\\x7f]))[^/.].*(?<![/.])"
)
"""As `git check-ref-format` has it: https://git-scm.com/docs/git-check-ref-format."""


def ref_fields(call: Call, ref: str, sha: str) -> dict[str, Any]:
    """The schema `git-ref`."""
    kind = call.repository.git.kind(sha)
    return {
        "ref": ref,
        "node_id": f"REF_{call.repository.id}_{ref}",
        "url": f"{call.repository_url}/git/{ref}",
        "object": {"sha": sha, "type": kind, "url": f"{call.repository_url}/git/{kind}s/{sha}"},
    }


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", "contents:read")
def get(call: Call) -> dict[str, Any]:
    call.repository.has_commits()
    ref = f"refs/{call['ref']}"
    if ref not in call.repository.refs:
        raise not_found()
    return ref_fields(call, ref, call.repository.refs[ref])


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", "contents:read")
def matching(call: Call) -> list[Any]:
    call.repository.has_commits()
    start = f"refs/{call['ref']}"
    found = [(ref, sha) for ref, sha in sorted(call.repository.refs.items()) if ref.startswith(start)]
    return [ref_fields(call, ref, sha) for ref, sha in found]


@route("POST", "/repos/{owner}/{repo}/git/refs", "contents:write")
def create(call: Call) -> Response:
    ref, sha = call.body.text("ref"), call.body.text("sha")
    call.repository.has_commits()
    if not _WELL_FORMED.fullmatch(ref):
        raise unprocessable("Reference name must start with 'refs/' and be well formed.")
    kind = call.repository.git.kind(sha)
    if not kind or (ref.startswith("refs/heads/") and kind != "commit"):
        raise unprocessable("Object does not exist")
    if ref in call.repository.refs:
        raise unprocessable("Reference already exists")
    if call.repository.collides(ref):
        raise unprocessable("Reference update failed")
    _move(call, Move(ref, "", sha))
    location = {"Location": f"{call.repository_url}/git/{ref}"}
    return Response(201, ref_fields(call, ref, sha), location)


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", "contents:write")
def update(call: Call) -> dict[str, Any]:
    """Forward only, unless `force` says otherwise."""
    ref, sha, force = f"refs/{call['ref']}", call.body.text("sha"), call.body.flag("force", False)
    call.repository.has_commits()
    if ref not in call.repository.refs:
        raise unprocessable("Reference does not exist")
    if call.repository.git.kind(sha) not in ("commit", "tag"):
        raise unprocessable("Object does not exist")
    old = call.repository.refs[ref]
    if not force and not commits.contains(call.repository.git, *(call.repository.peeled(name) for name in (sha, old))):
        raise unprocessable("Update is not a fast forward")
    _move(call, Move(ref, old, sha))
    return ref_fields(call, ref, sha)


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", "contents:write")
def delete(call: Call) -> Response:
    """The default branch stays.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-branches-in-your-repository/deleting-and-restoring-branches-in-a-pull-request
    """
    ref = f"refs/{call['ref']}"
    call.repository.has_commits()
    if ref not in call.repository.refs:
        raise unprocessable("Reference does not exist")
    if ref == f"refs/heads/{call.repository.default_branch}":
        raise unprocessable("Cannot delete the default branch")
    _move(call, Move(ref, call.repository.refs[ref], ""))
    return Response(204)


def _move(call: Call, move: Move) -> None:
    protection.guard(call.world, call.token, call.repository, move)
    moves.make(call.world, call.repository, move)
