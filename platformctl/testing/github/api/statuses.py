"""Commit statuses and check runs.

https://docs.github.com/rest/commits/statuses and https://docs.github.com/rest/checks/runs
"""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.api.apps import app_fields
from platformctl.testing.github.api.commits import resolved
from platformctl.testing.github.api.repository_bodies import minimal
from platformctl.testing.github.api.users import actor, user_account
from platformctl.testing.github.errors import Refused, invalid_request, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response


def _status_fields(call: Call, sha: str, status: dict[str, Any]) -> dict[str, Any]:
    """The schema `simple-commit-status`."""
    return {
        "id": status["id"],
        "node_id": call.site.node_id("SC", status["id"]),
        "url": f"{call.repository_url}/statuses/{sha}",
        "avatar_url": f"{call.site.web_url}/avatars/{status['user']}",
        "state": status["conclusion"],
        "description": status["description"],
        "target_url": status["target_url"],
        "context": status["context"],
        "created_at": status["created"],
        "updated_at": status["created"],
    }


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}", "statuses:write", "repo:status")
def create_status(call: Call) -> Response:
    sha = call["sha"]
    if call.repository.git.kind(sha) != "commit":
        raise unprocessable(f"No commit found for SHA: {sha}")
    status = {
        "id": next(call.site.ids),
        "user": actor(call),
        "context": call.body.text("context", "default"),
        "conclusion": call.body.choice("state", ("error", "failure", "pending", "success")),
        "description": call.body.fields.get("description"),
        "target_url": call.body.fields.get("target_url"),
        "created": call.site.now(),
    }
    call.repository.checks.setdefault(sha, []).append(status)
    fields = _status_fields(call, sha, status)
    return Response(201, {**fields, "creator": user_account(call.world, actor(call))}, {"Location": fields["url"]})


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/status", "statuses:read")
def combined(call: Call) -> dict[str, Any]:
    """The last status of each context, and one word for all."""
    sha = resolved(call, call["ref"])
    last = {status["context"]: status for status in call.repository.checks.get(sha, ()) if "status" not in status}
    states = {status["conclusion"] for status in last.values()}
    bad, waiting = states & {"error", "failure"}, not states or "pending" in states
    return {
        "state": "failure" if bad else "pending" if waiting else "success",
        "statuses": [_status_fields(call, sha, status) for status in last.values()],
        "sha": sha,
        "total_count": len(last),
        "repository": minimal(call, call.repository),
        "commit_url": f"{call.repository_url}/commits/{sha}",
        "url": f"{call.repository_url}/commits/{sha}/status",
    }


def _run_fields(call: Call, sha: str, run: dict[str, Any]) -> dict[str, Any]:
    """The schema `check-run`."""
    url = f"{call.repository_url}/check-runs/{run['id']}"
    html = f"{call.site.web_url}/{call.repository.full_name}/runs/{run['id']}"
    nothing = {"title": None, "summary": None, "text": None, "annotations_count": 0}
    return {
        "id": run["id"],
        "node_id": call.site.node_id("CR", run["id"]),
        "head_sha": sha,
        "external_id": "",
        "name": run["context"],
        "url": url,
        "html_url": html,
        "details_url": html,
        "status": run["status"],
        "conclusion": run["conclusion"],
        "started_at": run["created"],
        "completed_at": run["created"] if run["status"] == "completed" else None,
        "output": {**nothing, "annotations_url": f"{url}/annotations"},
        "check_suite": {"id": run["id"]},
        "app": app_fields(call, call.keyring.apps[run["app"]]),
        "pull_requests": [],
    }


@route("POST", "/repos/{owner}/{repo}/check-runs", "checks:write")
def create_run(call: Call) -> Response:
    """Apps alone write check runs."""
    if call.token.kind != "installation" or call.token.app is None:
        raise Refused(403, "You must authenticate via a GitHub App.", page="checks/runs#create-a-check-run")
    name, sha = call.body.text("name"), call.body.text("head_sha")
    if call.repository.git.kind(sha) != "commit":
        raise unprocessable(f"No commit found for SHA: {sha}")
    conclusion = call.body.fields.get("conclusion")
    status = call.body.choice("status", ("queued", "in_progress", "completed"), "completed" if conclusion else "queued")
    if status == "completed" and not conclusion:
        raise invalid_request('"conclusion" wasn\'t supplied.')
    run = {
        "id": next(call.site.ids),
        "context": name,
        "status": status,
        "conclusion": conclusion,
        "created": call.site.now(),
        "app": call.token.app.id,
    }
    call.repository.checks.setdefault(sha, []).append(run)
    return Response(201, _run_fields(call, sha, run))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", "checks:read")
def list_runs(call: Call) -> dict[str, Any]:
    """The last of each name, which is the default filter."""
    sha = resolved(call, call["ref"])
    last = {run["context"]: run for run in call.repository.checks.get(sha, ()) if "status" in run}
    return {
        "total_count": len(last),
        "check_runs": [_run_fields(call, sha, run) for run in call.page(list(last.values()))],
    }
