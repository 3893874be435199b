"""Who may call a private repository's reusable workflows.

https://docs.github.com/rest/actions/permissions#get-the-level-of-access-for-workflows-outside-of-the-repository
"""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.errors import Refused
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_PATH = "/repos/{owner}/{repo}/actions/permissions/access"


def _private(call: Call) -> None:
    """Only private and internal repositories have it; the words of the refusal are in no source that was found."""
    if not call.repository.private:
        raise Refused(
            422, "Access policy only applies to internal and private repositories.", page="actions/permissions"
        )


@route("GET", _PATH, "administration:read")
def get(call: Call) -> dict[str, Any]:
    _private(call)
    return {"access_level": call.repository.access_level}


@route("PUT", _PATH, "administration:write")
def put(call: Call) -> Response:
    """`enterprise` is for enterprises."""
    _private(call)
    more = ("enterprise",) if call.site.plan == "enterprise" else ()
    call.repository.access_level = call.body.choice("access_level", ("none", "user", "organization", *more))
    return Response(204)
