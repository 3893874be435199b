"""What is wrong in CODEOWNERS: https://docs.github.com/rest/repos/repos#list-codeowners-errors."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github import codeowners
from platformctl.testing.github.errors import not_found
from platformctl.testing.github.routes import Call, route


@route("GET", "/repos/{owner}/{repo}/codeowners/errors", "contents:read")
def errors(call: Call) -> dict[str, Any]:
    path, text = codeowners.find(call.repository, call.query("ref") or call.repository.default_branch)
    if not path:
        raise not_found()
    return {"errors": codeowners.errors(call.world, call.repository, path, codeowners.parse(text))}
