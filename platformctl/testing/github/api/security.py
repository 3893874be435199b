"""Vulnerability alerts and security fixes: https://docs.github.com/rest/repos/repos#enable-vulnerability-alerts."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.errors import not_found, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_FIXES = "dependabot_security_updates"


@route("GET", "/repos/{owner}/{repo}/vulnerability-alerts", "administration:read")
def get_alerts(call: Call) -> Response:
    if not call.repository.alerts:
        raise not_found()
    return Response(204)


@route("PUT", "/repos/{owner}/{repo}/vulnerability-alerts", "administration:write")
def put_alerts(call: Call) -> Response:
    call.repository.alerts = True
    return Response(204)


@route("DELETE", "/repos/{owner}/{repo}/vulnerability-alerts", "administration:write")
def delete_alerts(call: Call) -> Response:
    """Fixes need alerts.

    https://docs.github.com/code-security/dependabot/dependabot-security-updates/configuring-dependabot-security-updates
    """
    call.repository.alerts = False
    call.repository.security[_FIXES] = "disabled"
    return Response(204)


@route("GET", "/repos/{owner}/{repo}/automated-security-fixes", "administration:read")
def get_fixes(call: Call) -> dict[str, Any]:
    if not call.repository.alerts:
        raise not_found()
    return {"enabled": call.repository.security[_FIXES] == "enabled", "paused": False}


@route("PUT", "/repos/{owner}/{repo}/automated-security-fixes", "administration:write")
def put_fixes(call: Call) -> Response:
    """They need alerts: https://github.com/microsoft/PowerShellForGitHub/issues/269."""
    _only_on_github_com(call)
    if not call.repository.alerts:
        raise unprocessable("Vulnerability alerts must be enabled to configure automated security fixes.")
    call.repository.security[_FIXES] = "enabled"
    return Response(204)


@route("DELETE", "/repos/{owner}/{repo}/automated-security-fixes", "administration:write")
def delete_fixes(call: Call) -> Response:
    _only_on_github_com(call)
    call.repository.security[_FIXES] = "disabled"
    return Response(204)


def _only_on_github_com(call: Call) -> None:
    """Enterprise Server's descriptions have no such endpoint."""
    if call.site.enterprise_server:
        raise not_found()
