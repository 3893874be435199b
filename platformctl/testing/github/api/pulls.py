"""Pull requests: https://docs.github.com/rest/pulls/pulls."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github import access, commits, merging
from platformctl.testing.github.api.commits import differences
from platformctl.testing.github.api.repository_bodies import embedded
from platformctl.testing.github.api.users import actor, organisation_account, user_account
from platformctl.testing.github.errors import Refused, error, not_found, validation_failed
from platformctl.testing.github.repository import Pull
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response


def found(call: Call) -> Pull:
    """The pull request in the path; GitHub's 404 when there is none."""
    number = call["pull_number"]
    if not number.isdecimal() or int(number) not in call.repository.pulls:
        raise not_found()
    return call.repository.pulls[int(number)]


def simple(call: Call, pull: Pull) -> dict[str, Any]:
    """The schema `pull-request-simple`."""
    url, web = f"{call.repository_url}/pulls/{pull.number}", f"{call.site.web_url}/{call.repository.full_name}/pull"
    issue = f"{call.repository_url}/issues/{pull.number}"
    links = {
        "self": url,
        "html": f"{web}/{pull.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{call.repository_url}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{call.repository_url}/statuses/{pull.head_sha}",
    }
    ends = {
        name: {
            "label": f"{call.repository.organisation}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": organisation_account(call.site),
            "repo": embedded(call, call.repository),
        }
        for name, branch, sha in (("head", pull.head, pull.head_sha), ("base", pull.base, pull.base_sha))
    }
    return {
        "id": call.repository.id * 1000 + pull.number,
        "node_id": call.site.node_id("PR", pull.number),
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "body": pull.body,
        "draft": pull.draft,
        "user": user_account(call.world, pull.user),
        "labels": [],
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "author_association": "MEMBER",
        "auto_merge": None,
        "created_at": pull.created,
        "updated_at": pull.updated,
        "closed_at": pull.closed or None,
        "merged_at": pull.merged or None,
        "merge_commit_sha": pull.merge_commit or None,
        "url": url,
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "issue_url": issue,
        **{
            f"{name}_url": links[name]
            for name in ("comments", "review_comments", "review_comment", "commits", "statuses")
        },
        **ends,
        "_links": {name: {"href": link} for name, link in links.items()},
    }


def full(call: Call, pull: Pull) -> dict[str, Any]:
    """The schema `pull-request`."""
    git = call.repository.git
    common = commits.merge_base(git, pull.base_sha, pull.head_sha)
    files = differences(call, common, pull.head_sha)
    open_ = pull.state == "open"
    mergeable = bool(merging.tree(call.repository, pull)) if open_ else None
    return {
        **simple(call, pull),
        "merged": bool(pull.merged),
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": _state(call, pull, mergeable),
        "merged_by": user_account(call.world, pull.merged_by) if pull.merged_by else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits.between(git, pull.base_sha, pull.head_sha)),
        "additions": sum(file["additions"] for file in files),
        "deletions": sum(file["deletions"] for file in files),
        "changed_files": len(files),
    }


def _state(call: Call, pull: Pull, mergeable: bool | None) -> str:
    if mergeable is None:
        return "unknown"
    if not mergeable:
        return "dirty"
    return "blocked" if merging.obstacles(call.world, call.token, call.repository, pull, "squash") else "clean"


@route("GET", "/repos/{owner}/{repo}/pulls", "pull_requests:read")
def list_pulls(call: Call) -> list[Any]:
    """`head` is `organisation:branch`; without an organisation it is passed over."""
    state, head, base = call.query("state", "open"), call.query("head"), call.query("base")
    owner, _, branch = head.partition(":")
    wanted = [
        pull
        for pull in call.repository.pulls.values()
        if state in ("all", pull.state)
        and (not base or pull.base == base)
        and (":" not in head or (pull.head == branch and owner.lower() == call.repository.organisation.lower()))
    ]
    wanted.sort(key=lambda pull: pull.number, reverse=call.query("direction", "desc") == "desc")
    return [simple(call, pull) for pull in call.page(wanted)]


@route("POST", "/repos/{owner}/{repo}/pulls", "pull_requests:write")
def create(call: Call) -> Response:
    """The refusals are recorded in https://github.com/vsoch/pull-request-action/issues/86,
    https://github.com/tgymnich/fork-sync/issues/112 and https://github.com/stackitcloud/cloud-provider-stackit/pull/10.
    """
    body, repository = call.body, call.repository
    _must_push(call)
    title, base = body.text("title"), body.text("base")
    owner, _, head = body.text("head").rpartition(":")
    ends = {"head": repository.refs.get(f"refs/heads/{head}"), "base": repository.refs.get(f"refs/heads/{base}")}
    if owner and owner.lower() != repository.organisation.lower():
        ends["head"] = None
    for name, sha in ends.items():
        if not sha:
            raise validation_failed("PullRequest", name, "invalid")
    if any(pull.state == "open" and (pull.head, pull.base) == (head, base) for pull in repository.pulls.values()):
        raise _refused(f"A pull request already exists for {repository.organisation}:{head}.")
    if not commits.between(repository.git, str(ends["base"]), str(ends["head"])):
        raise _refused(f"No commits between {base} and {head}")
    number, now = len(repository.pulls) + 1, call.site.now()
    pull = Pull(number, title, body.text("body", "") or None, head, base, actor(call), now, now)
    pull.draft = body.flag("draft", False)
    pull.head_sha, pull.base_sha = str(ends["head"]), str(ends["base"])
    repository.pulls[number] = pull
    fields = full(call, pull)
    return Response(201, fields, {"Location": fields["url"]})


def _must_push(call: Call) -> None:
    """Whose branch it is not may not ask to have it merged: https://docs.github.com/rest/pulls/pulls#create-a-pull-request."""
    if not access.has_role(call.world, call.token, call.repository, "push"):
        raise not_found()


def _refused(message: str) -> Refused:
    errors = [error("PullRequest", "", "custom", message)]
    return Refused(422, "Validation Failed", errors=errors, page="pulls/pulls#create-a-pull-request")


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests:read")
def get(call: Call) -> dict[str, Any]:
    return full(call, found(call))


@route("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests:write")
def update(call: Call) -> dict[str, Any]:
    """What is merged, or has lost its branch, is not opened again."""
    pull, body = found(call), call.body
    if actor(call) != pull.user:
        _must_push(call)
    pull.title = body.text("title", pull.title)
    if "body" in body:
        pull.body = body.text("body", "") or None
    state = body.choice("state", ("open", "closed"), pull.state)
    if state != pull.state:
        gone = pull.merged or any(
            f"refs/heads/{branch}" not in call.repository.refs for branch in (pull.head, pull.base)
        )
        if state == "open" and gone:
            raise _refused("state cannot be changed. The pull request cannot be reopened.")
        pull.state, pull.closed = state, call.site.now() if state == "closed" else ""
    base = body.text("base", pull.base)
    if base != pull.base:
        pull.base, pull.base_sha = base, call.repository.head(base)
    pull.updated = call.site.now()
    return full(call, pull)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", "contents:read")
def is_merged(call: Call) -> Response:
    if not found(call).merged:
        raise not_found()
    return Response(204)


@route("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", "contents:write")
def merge(call: Call) -> dict[str, Any]:
    pull, body = found(call), call.body
    method = body.choice("merge_method", ("merge", "squash", "rebase"), "merge")
    if body.text("sha", pull.head_sha) != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.", page="pulls/pulls")
    sha = merging.merge(
        call.world,
        call.token,
        call.repository,
        pull,
        method,
        actor(call),
        body.text("commit_title", ""),
        body.text("commit_message", ""),
    )
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", "pull_requests:read")
def list_files(call: Call) -> list[Any]:
    pull = found(call)
    common = commits.merge_base(call.repository.git, pull.base_sha, pull.head_sha)
    return call.page(differences(call, common, pull.head_sha))
