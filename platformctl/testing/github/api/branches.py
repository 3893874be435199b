"""Branches: https://docs.github.com/rest/branches/branches."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github import access, moves, rules
from platformctl.testing.github.api.commits import commit_fields
from platformctl.testing.github.errors import Refused, unprocessable
from platformctl.testing.github.moves import Move
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response


def _protected(call: Call, branch: str) -> bool:
    ref = f"refs/heads/{branch}"
    return branch in call.repository.protection or bool(rules.in_force(call.repository, ref))


def _protection(call: Call, branch: str) -> dict[str, Any]:
    """A summary; only classic protection counts in it."""
    classic = call.repository.protection.get(branch)
    checks = (classic or {}).get("required_status_checks") or {}
    level = "off" if not checks else "everyone" if classic and classic["enforce_admins"] else "non_admins"
    contexts = [check["context"] for check in checks.get("checks") or ()] or checks.get("contexts") or []
    return {
        "enabled": classic is not None,
        "required_status_checks": {
            "enforcement_level": level,
            "contexts": contexts,
            "checks": [{"context": context, "app_id": None} for context in contexts],
        },
    }


@route("GET", "/repos/{owner}/{repo}/branches", "contents:read")
def list_branches(call: Call) -> list[Any]:
    names = [ref.removeprefix("refs/heads/") for ref in sorted(call.repository.refs) if ref.startswith("refs/heads/")]
    if (wanted := call.query("protected")) in ("true", "false"):
        names = [name for name in names if _protected(call, name) == (wanted == "true")]
    return [
        {
            "name": name,
            "commit": {"sha": sha, "url": f"{call.repository_url}/commits/{sha}"},
            "protected": _protected(call, name),
        }
        for name in call.page(names)
        if (sha := call.repository.head(name))
    ]


@route("GET", "/repos/{owner}/{repo}/branches/{branch}", "contents:read")
def get(call: Call) -> dict[str, Any]:
    return branch_fields(call, call["branch"])


def branch_fields(call: Call, name: str) -> dict[str, Any]:
    """The schema `branch-with-protection`."""
    sha = call.repository.refs.get(f"refs/heads/{name}")
    if sha is None:
        raise Refused(404, "Branch not found", page="branches/branches#get-a-branch")
    url = f"{call.repository_url}/branches/{name}"
    return {
        "name": name,
        "commit": commit_fields(call, sha),
        "_links": {"self": url, "html": f"{call.site.web_url}/{call.repository.full_name}/tree/{name}"},
        "protected": _protected(call, name),
        "protection": _protection(call, name),
        "protection_url": f"{url}/protection",
    }


@route("POST", "/repos/{owner}/{repo}/branches/{branch}/rename", "contents:write")
def rename(call: Call) -> Response:
    """Pull requests and classic protection go along; the default branch's name is an administrator's."""
    repository, old, new = call.repository, call["branch"], call.body.text("new_name")
    sha = repository.head(old)
    if old == repository.default_branch:
        access.allow(call.world, call.token, repository, "administration:write")
    if new != old and f"refs/heads/{new}" in repository.refs:
        raise unprocessable(f"Branch {new} already exists")
    if repository.collides(f"refs/heads/{new}"):
        raise unprocessable("Reference update failed")
    if new != old:
        for pull in repository.pulls.values():
            pull.head, pull.base = (new if branch == old else branch for branch in (pull.head, pull.base))
        repository.put_ref(f"refs/heads/{new}", sha)
        moves.make(call.world, repository, Move(f"refs/heads/{old}", sha, ""))
        if old == repository.default_branch:
            repository.default_branch = new
            repository.git.point_head(new)
        if old in repository.protection:
            repository.protection[new] = repository.protection.pop(old)
    return Response(201, branch_fields(call, new))
