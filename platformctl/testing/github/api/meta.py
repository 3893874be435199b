"""The forge itself, and the rate limit.

https://docs.github.com/rest/meta/meta and https://docs.github.com/rest/rate-limit/rate-limit
"""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.routes import Call, route


@route("GET", "/meta", "")
def meta(call: Call) -> dict[str, Any]:
    """An Enterprise Server also tells its version."""
    fields: dict[str, Any] = {"verifiable_password_authentication": False}
    if call.site.enterprise_server:
        fields["installed_version"] = call.site.version
    return fields


@route("GET", "/rate_limit", "")
def rate_limit(call: Call) -> dict[str, Any]:
    core = call.limits.resource(call.token.account, call.site.clock())
    search = {**core, "limit": 30, "used": 0, "remaining": 30}
    return {"resources": {"core": core, "search": search}, "rate": core}
