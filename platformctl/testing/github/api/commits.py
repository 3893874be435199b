"""Commits as people read them, and comparisons: https://docs.github.com/rest/commits/commits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from platformctl.testing.github import commits, trees
from platformctl.testing.github.api.git_objects import UNSIGNED, signed
from platformctl.testing.github.errors import Refused, not_found, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.trees import Entry
from platformctl.testing.wire.exchange import Response


def commit_fields(call: Call, sha: str) -> dict[str, Any]:
    """The schema `commit`."""
    commit, url = commits.read(call.repository.git, sha), call.repository_url
    web = f"{call.site.web_url}/{call.repository.full_name}/commit"
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/commits/{sha}",
        "html_url": f"{web}/{sha}",
        "comments_url": f"{url}/commits/{sha}/comments",
        "commit": {
            "url": f"{url}/git/commits/{sha}",
            "author": signed(commit.author),
            "committer": signed(commit.committer),
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "verification": dict(UNSIGNED),
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": parent, "url": f"{url}/commits/{parent}", "html_url": f"{web}/{parent}"}
            for parent in commit.parents
        ],
    }


def resolved(call: Call, name: str) -> str:
    """The commit of a name; 422 for a SHA that is none, as GitHub says it."""
    try:
        return call.repository.commit(name)
    except Refused:
        raise unprocessable(f"No commit found for SHA: {name}") from None


@route("GET", "/repos/{owner}/{repo}/commits", "contents:read")
def list_commits(call: Call) -> list[Any]:
    call.repository.has_commits()
    git, path = call.repository.git, call.query("path").strip("/")
    found = list(commits.ancestors(git, call.repository.commit(call.query("sha"))))
    if path:
        found = [sha for sha in found if _touches(call, sha, path)]
    return [commit_fields(call, sha) for sha in call.page(found)]


def _touches(call: Call, sha: str, path: str) -> bool:
    commit = commits.read(call.repository.git, sha)
    here = _at(call, sha, path)
    befores = [_at(call, parent, path) for parent in commit.parents] or [None]
    return all(here != before for before in befores)


def _at(call: Call, sha: str, path: str) -> Entry | None:
    try:
        return trees.find(call.repository.git, commits.read(call.repository.git, sha).tree, path)
    except Refused:
        return None


@route("GET", "/repos/{owner}/{repo}/commits/{ref}", "contents:read")
def get(call: Call) -> Response:
    """With the media type `sha`, the name alone."""
    call.repository.has_commits()
    sha = resolved(call, call["ref"])
    if ".sha" in call.request.headers.get("accept", ""):
        return Response(200, sha.encode(), {"Content-Type": "application/vnd.github.sha; charset=utf-8"})
    parents = commits.read(call.repository.git, sha).parents
    files = differences(call, parents[0] if parents else "", sha)
    counts = {kind: sum(file[kind] for file in files) for kind in ("additions", "deletions")}
    stats = {**counts, "total": sum(counts.values())}
    return Response(200, {**commit_fields(call, sha), "stats": stats, "files": files})


@route("GET", "/repos/{owner}/{repo}/compare/{basehead}", "contents:read")
def compare(call: Call) -> dict[str, Any]:
    base, dots, head = call["basehead"].partition("...")
    if not dots:
        raise not_found()
    base_sha, head_sha = call.repository.commit(base), call.repository.commit(head.rpartition(":")[2])
    git = call.repository.git
    ahead, behind = commits.between(git, base_sha, head_sha), commits.between(git, head_sha, base_sha)
    common = commits.merge_base(git, base_sha, head_sha)
    if not common:
        raise not_found()
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    web = f"{call.site.web_url}/{call.repository.full_name}/compare"
    return {
        "url": f"{call.repository_url}/compare/{base}...{head}",
        "html_url": f"{web}/{base}...{head}",
        "permalink_url": f"{web}/{base_sha[:7]}...{head_sha[:7]}",
        "diff_url": f"{web}/{base}...{head}.diff",
        "patch_url": f"{web}/{base}...{head}.patch",
        "base_commit": commit_fields(call, base_sha),
        "merge_base_commit": commit_fields(call, common),
        "status": words.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit_fields(call, sha) for sha in reversed(ahead)],
        "files": differences(call, common, head_sha),
    }


def differences(call: Call, base: str, head: str) -> list[dict[str, Any]]:
    """Files that differ between two commits, with lines counted as they come and go, not as they move."""
    git = call.repository.git
    before = trees.files(git, commits.read(git, base).tree) if base else {}
    after = trees.files(git, commits.read(git, head).tree)
    found = []
    for path in sorted({path for path, _ in before.items() ^ after.items()}):
        old, new = before.get(path), after.get(path)
        before_lines, after_lines = (_lines(call, entry) for entry in (old, new))
        added, removed = (after_lines - before_lines).total(), (before_lines - after_lines).total()
        sha = (new or old or Entry("", "")).sha
        url = f"{call.site.web_url}/{call.repository.full_name}"
        found.append(
            {
                "sha": sha,
                "filename": path,
                "status": "added" if old is None else "removed" if new is None else "modified",
                "additions": added,
                "deletions": removed,
                "changes": added + removed,
                "blob_url": f"{url}/blob/{head}/{path}",
                "raw_url": f"{url}/raw/{head}/{path}",
                "contents_url": f"{call.repository_url}/contents/{path}?ref={head}",
            }
        )
    return found


def _lines(call: Call, entry: Entry | None) -> Counter[bytes]:
    if entry is None or entry.mode == "160000":
        return Counter()
    return Counter(call.repository.git.read(entry.sha, "blob").splitlines())
