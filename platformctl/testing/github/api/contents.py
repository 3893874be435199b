"""Files one at a time: https://docs.github.com/rest/repos/contents."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from platformctl.testing.github import commits, moves, protection, trees, workflows
from platformctl.testing.github.api import git_objects
from platformctl.testing.github.commits import Commit
from platformctl.testing.github.errors import Refused, invalid_request, not_found, unprocessable
from platformctl.testing.github.moves import Move
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.trees import TREE, Entry
from platformctl.testing.wire.exchange import Response


def _fields(call: Call, path: str, entry: Entry, ref: str) -> dict[str, Any]:
    url, web = call.repository_url, f"{call.site.web_url}/{call.repository.full_name}"
    folder = entry.mode == TREE
    kind = "dir" if folder else {"120000": "symlink", "160000": "submodule"}.get(entry.mode, "file")
    itself = f"{url}/contents/{quote(path)}?ref={quote(ref)}"
    git = f"{url}/git/{'trees' if folder else 'blobs'}/{entry.sha}"
    html = f"{web}/{'tree' if folder else 'blob'}/{ref}/{quote(path)}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": len(call.repository.git.read(entry.sha, "blob")) if kind in ("file", "symlink") else 0,
        "url": itself,
        "git_url": git,
        "html_url": html,
        "download_url": None if folder else f"{web}/raw/{ref}/{quote(path)}",
        "_links": {"self": itself, "git": git, "html": html},
    }


@route("GET", "/repos/{owner}/{repo}/contents/{path}", "contents:read")
def get(call: Call) -> Any:
    """A folder's list, or a file with its content; above 1 MB the content is left out."""
    git, path = call.repository.git, call["path"].strip("/")
    if not call.repository.refs:
        raise Refused(404, "This repository is empty.")
    ref = call.query("ref") or call.repository.default_branch
    try:
        sha = call.repository.commit(ref)
    except Refused:
        raise Refused(404, f"No commit found for the ref {ref}") from None
    entry = trees.find(git, commits.read(git, sha).tree, path)
    if entry.mode == TREE:
        inside = trees.read(git, entry.sha).items()
        return [_fields(call, f"{path}/{name}".lstrip("/"), there, ref) for name, there in inside]
    content = git.read(entry.sha, "blob")
    if ".raw" in call.request.headers.get("accept", ""):
        return Response(200, content, {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    shown = len(content) <= 1024 * 1024
    return {
        **_fields(call, path, entry, ref),
        "content": git_objects.encoded(content) if shown else "",
        "encoding": "base64" if shown else "none",
    }


@route("GET", "/repos/{owner}/{repo}/contents/", "contents:read")
def get_root(call: Call) -> Any:
    call.parameters["path"] = ""
    return get(call)


@route("PUT", "/repos/{owner}/{repo}/contents/{path}", "contents:write")
def put(call: Call) -> Response:
    """One file in one commit; the first one makes the branch of an empty repository."""
    message, content = call.body.text("message"), git_objects.decoded(call.body.text("content"))
    path, known = call["path"], call.body.text("sha", "")
    if path.startswith(workflows.FOLDER) and not workflows.may_touch(call.token):
        raise workflows.hidden(call.token)
    there = _there(call, path)
    if there and not known:
        raise invalid_request('"sha" wasn\'t supplied.')
    _expect(path, there, known)
    entry = Entry(there.mode if there else "100644", call.repository.git.write("blob", content))
    branch, sha = _commit(call, message, path, entry, "update" if there else "create")
    body = {"content": _fields(call, path, entry, branch), "commit": git_objects.commit_fields(call, sha)}
    return Response(200 if there else 201, body)


@route("DELETE", "/repos/{owner}/{repo}/contents/{path}", "contents:write")
def delete(call: Call) -> dict[str, Any]:
    message, known, path = call.body.text("message"), call.body.text("sha"), call["path"]
    there = _there(call, path)
    if there is None:
        raise not_found()
    _expect(path, there, known)
    _, sha = _commit(call, message, path, None, "delete")
    return {"content": None, "commit": git_objects.commit_fields(call, sha)}


def _there(call: Call, path: str) -> Entry | None:
    """The file as it stands; None when there is none, or no commit yet."""
    if not call.repository.refs:
        return None
    head = call.repository.head(call.body.text("branch", call.repository.default_branch))
    try:
        entry = trees.find(call.repository.git, commits.read(call.repository.git, head).tree, path)
    except Refused:
        return None
    if entry.mode == TREE:
        raise unprocessable(f"{path} is a directory")
    return entry


def _expect(path: str, there: Entry | None, known: str) -> None:
    """409 when the file is not the one that the caller has seen. What is not there has no SHA to be wrong.

    Measured in https://github.com/pome-sh/digital-twins/pull/400.
    """
    if known and there is not None and there.sha != known:
        raise Refused(409, f"{path} does not match {known}")


def _commit(call: Call, message: str, path: str, entry: Entry | None, verb: str) -> tuple[str, str]:
    repository, git = call.repository, call.repository.git
    branch = call.body.text("branch", repository.default_branch)
    if repository.refs:
        old = repository.head(branch)
    elif branch == repository.default_branch:
        old = ""
    else:
        raise Refused(404, f"Branch {branch} not found")
    tree = trees.changed(git, commits.read(git, old).tree if old else "", {path: entry})
    committer = git_objects.person(call, "committer")
    author = git_objects.person(call, "author") if "author" in call.body else committer
    sha = commits.write(git, Commit(tree, (old,) if old else (), author, committer, message))
    move = Move(f"refs/heads/{branch}", old, sha)
    protection.guard(call.world, call.token, repository, move, 409, f"Could not {verb} file: ")
    moves.make(call.world, repository, move)
    return branch, sha
