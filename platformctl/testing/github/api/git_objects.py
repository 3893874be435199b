"""Blobs, trees, commits and tags of the git database: https://docs.github.com/rest/git."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from platformctl.testing.github import commits, trees, workflows
from platformctl.testing.github.api.users import actor
from platformctl.testing.github.commits import Commit, Signature
from platformctl.testing.github.errors import Refused, invalid_request, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.trees import KINDS, Entry
from platformctl.testing.wire.exchange import Response


def decoded(text: str) -> bytes:
    """Content in base64, with or without line breaks."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise unprocessable("content is not valid Base64") from None


def encoded(content: bytes) -> str:
    """Content in base64 as GitHub breaks it into lines."""
    return base64.encodebytes(content).decode()


@route("POST", "/repos/{owner}/{repo}/git/blobs", "contents:write")
def create_blob(call: Call) -> Response:
    call.repository.has_commits()
    content = call.body.text("content")
    raw = decoded(content) if call.body.text("encoding", "utf-8") == "base64" else content.encode()
    sha = call.repository.git.write("blob", raw)
    url = f"{call.repository_url}/git/blobs/{sha}"
    return Response(201, {"sha": sha, "url": url}, {"Location": url})


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", "contents:read")
def get_blob(call: Call) -> dict[str, Any]:
    call.repository.has_commits()
    sha = call["file_sha"]
    content = call.repository.git.read(sha, "blob")
    return {
        "sha": sha,
        "node_id": f"B_{sha}",
        "size": len(content),
        "url": f"{call.repository_url}/git/blobs/{sha}",
        "content": encoded(content),
        "encoding": "base64",
    }


@route("POST", "/repos/{owner}/{repo}/git/trees", "contents:write")
def create_tree(call: Call) -> Response:
    """Entries name an object, hold a text, or have a `sha` of null, which removes a path that the base has.

    A commit does for a base.

    The refusals are recorded in https://github.com/sigmavirus24/github3.py/issues/522 and
    https://github.com/BetaHuhn/repo-file-sync-action/issues/349.
    """
    call.repository.has_commits()
    git, base = call.repository.git, call.body.text("base_tree", "")
    if base and git.kind(base) == "commit":
        base = commits.read(git, base).tree
    if base and git.kind(base) != "tree":
        raise unprocessable("base_tree is not a valid tree oid")
    changes = dict(_change(call, item) for item in call.body.items("tree"))
    for path in (path for path, entry in changes.items() if entry is None):
        try:
            trees.find(git, base or trees.write(git, {}), path)
        except Refused:
            raise unprocessable("GitRPC::BadObjectState") from None
    sha = trees.changed(git, base, changes)
    return Response(201, _tree_fields(call, sha, trees.read(git, sha)))


def _change(call: Call, item: dict[str, Any]) -> tuple[str, Entry | None]:
    git, path, mode = call.repository.git, item.get("path"), item.get("mode")
    if not path or not isinstance(path, str) or path.startswith("/") or {"", ".", "..", ".git"} & set(path.split("/")):
        raise unprocessable("tree.path contains a malformed path component")
    if path.startswith(workflows.FOLDER) and not workflows.may_touch(call.token):
        raise workflows.hidden(call.token)
    if "sha" in item and item["sha"] is None:
        return path, None
    if mode not in KINDS:
        raise unprocessable("tree.mode must be one of 100644, 100755, 040000, 160000, 120000")
    if ("content" in item) == ("sha" in item):
        raise unprocessable("Must supply either tree.sha or tree.content")
    if "content" in item:
        return path, Entry(mode, git.write("blob", str(item["content"]).encode()))
    kind = git.kind(item["sha"])
    if kind != KINDS[mode] and mode != "160000":
        raise unprocessable(f"tree.sha {item['sha']} is not a valid {KINDS[mode]}")
    return path, Entry(mode, item["sha"])


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", "contents:read")
def get_tree(call: Call) -> dict[str, Any]:
    """Of a tree, a commit, a branch or a tag. Any value of `recursive` makes it so."""
    call.repository.has_commits()
    git, sha = call.repository.git, call["tree_sha"]
    if git.kind(sha) != "tree":
        sha = commits.read(git, call.repository.commit(sha)).tree
    if "recursive" in call.request.query:
        return _tree_fields(call, sha, dict(trees.walk(git, sha)))
    return _tree_fields(call, sha, trees.read(git, sha))


def _tree_fields(call: Call, sha: str, entries: dict[str, Entry]) -> dict[str, Any]:
    limit, shown = call.site.tree_limit, []
    for path, entry in list(entries.items())[:limit]:
        kind = KINDS[entry.mode]
        fields: dict[str, Any] = {"path": path, "mode": entry.mode, "type": kind, "sha": entry.sha}
        if kind == "blob":
            fields["size"] = len(call.repository.git.read(entry.sha, "blob"))
        if kind != "commit":
            fields["url"] = f"{call.repository_url}/git/{kind}s/{entry.sha}"
        shown.append(fields)
    url = f"{call.repository_url}/git/trees/{sha}"
    return {"sha": sha, "url": url, "tree": shown, "truncated": len(entries) > limit}


@route("POST", "/repos/{owner}/{repo}/git/commits", "contents:write")
def create_commit(call: Call) -> Response:
    """The author is the caller unless named, and the committer the author."""
    call.repository.has_commits()
    git, message = call.repository.git, call.body.text("message")
    tree, parents = call.body.text("tree"), tuple(str(sha) for sha in call.body.items("parents", []))
    if git.kind(tree) != "tree":
        raise unprocessable("Tree SHA does not exist")
    if any(git.kind(parent) != "commit" for parent in parents):
        raise unprocessable("Parent SHA does not exist or is not a commit object")
    author = person(call, "author")
    committer = person(call, "committer") if "committer" in call.body else author
    sha = commits.write(git, Commit(tree, parents, author, committer, message))
    fields = commit_fields(call, sha)
    return Response(201, fields, {"Location": fields["url"]})


def person(call: Call, role: str) -> Signature:
    """An author or committer from the body; the caller when there is none."""
    login = actor(call)
    given = {"name": login, "email": f"{login}@users.noreply.github.com", **call.body.record(role, {})}
    if not all(isinstance(given[key], str) and given[key] for key in ("name", "email")):
        raise invalid_request(f"For 'properties/{role}', name and email are required.")
    return commits.signature(given["name"], given["email"], given.get("date") or call.site.clock().isoformat())


@route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", "contents:read")
def get_commit(call: Call) -> dict[str, Any]:
    call.repository.has_commits()
    return commit_fields(call, call["commit_sha"])


def commit_fields(call: Call, sha: str) -> dict[str, Any]:
    """The schema `git-commit`."""
    commit, url = commits.read(call.repository.git, sha), call.repository_url
    web = f"{call.site.web_url}/{call.repository.full_name}/commit"
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{web}/{sha}",
        "author": signed(commit.author),
        "committer": signed(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "message": commit.message,
        "parents": [
            {"sha": parent, "url": f"{url}/git/commits/{parent}", "html_url": f"{web}/{parent}"}
            for parent in commit.parents
        ],
        "verification": dict(UNSIGNED),
    }


UNSIGNED: dict[str, Any] = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}
"""What is said of a commit without a signature."""


def signed(signature: Signature) -> dict[str, str]:
    """An author or committer as JSON."""
    return {"name": signature.name, "email": signature.email, "date": signature.date}


@route("POST", "/repos/{owner}/{repo}/git/tags", "contents:write")
def create_tag(call: Call) -> Response:
    """An annotated tag's object; its ref is made separately."""
    call.repository.has_commits()
    name, message, sha = (call.body.text(field) for field in ("tag", "message", "object"))
    kind = call.body.choice("type", ("commit", "tree", "blob"))
    if call.repository.git.kind(sha) != kind:
        raise unprocessable(f"object {sha} is not a {kind}")
    tagger = person(call, "tagger")
    text = f"object {sha}\ntype {kind}\ntag {name}\ntagger {tagger}\n\n{message}"
    tag = call.repository.git.write("tag", text.encode())
    return Response(201, _tag_fields(call, tag))


@route("GET", "/repos/{owner}/{repo}/git/tags/{tag_sha}", "contents:read")
def get_tag(call: Call) -> dict[str, Any]:
    call.repository.has_commits()
    return _tag_fields(call, call["tag_sha"])


def _tag_fields(call: Call, tag: str) -> dict[str, Any]:
    head, _, message = call.repository.git.read(tag, "tag").decode(errors="replace").partition("\n\n")
    fields = dict(line.split(" ", 1) for line in head.split("\n"))
    return {
        "sha": tag,
        "node_id": f"TA_{tag}",
        "url": f"{call.repository_url}/git/tags/{tag}",
        "tag": fields["tag"],
        "message": message,
        "tagger": signed(commits.parsed(fields["tagger"])),
        "object": {
            "sha": fields["object"],
            "type": fields["type"],
            "url": f"{call.repository_url}/git/{fields['type']}s/{fields['object']}",
        },
        "verification": dict(UNSIGNED),
    }
