"""Reviews of pull requests: https://docs.github.com/rest/pulls/reviews."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.api.pulls import found
from platformctl.testing.github.api.users import actor, user_account
from platformctl.testing.github.errors import Refused
from platformctl.testing.github.repository import Pull
from platformctl.testing.github.routes import Call, route


def _review_fields(call: Call, pull: Pull, review: dict[str, Any]) -> dict[str, Any]:
    """The schema `pull-request-review`."""
    url, web = f"{call.repository_url}/pulls/{pull.number}", f"{call.site.web_url}/{call.repository.full_name}/pull"
    html = f"{web}/{pull.number}#pullrequestreview-{review['id']}"
    return {
        "id": review["id"],
        "node_id": call.site.node_id("PRR", review["id"]),
        "user": user_account(call.world, review["user"]),
        "body": review["body"],
        "state": review["state"],
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": review["submitted"],
        "commit_id": review["commit"],
        "author_association": "MEMBER",
    }


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "pull_requests:read")
def list_reviews(call: Call) -> list[Any]:
    pull = found(call)
    return [_review_fields(call, pull, review) for review in call.page(pull.reviews)]


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "pull_requests:write")
def create_review(call: Call) -> dict[str, Any]:
    """Readers may review, but their approval does not count. Authors do not approve their own:
    https://github.com/hubtty/hubtty/issues/33.
    """
    pull, user = found(call), actor(call)
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", "": "PENDING"}
    event = call.body.choice("event", tuple(states), "")
    if user == pull.user and event in ("APPROVE", "REQUEST_CHANGES"):
        what = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(422, "Unprocessable Entity", errors=[f"Can not {what} your own pull request"])
    review = {
        "id": next(call.site.ids),
        "user": user,
        "state": states[event],
        "body": call.body.text("body", ""),
        "submitted": call.site.now(),
        "commit": call.body.text("commit_id", pull.head_sha),
    }
    pull.reviews.append(review)
    return _review_fields(call, pull, review)
