"""Whether a credential suffices, found out before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from platformctl.backends.forge.github.client import Client
from platformctl.backends.forge.github.manners import Refused
from platformctl.errors import BadInput, Failure, NoAccess
from platformctl.port import Need

Permissions = Mapping[str, tuple[str, str]]
"""How strong each has to be, and for what."""

PERMISSIONS: Final[Permissions] = {
    "administration": ("write", "create, protect and delete repositories, and give teams access"),
    "contents": ("write", "commit files, and tag releases"),
    "workflows": ("write", "commit .github/workflows"),
    "pull_requests": ("write", "propose changes to protected branches"),
    "metadata": ("read", "find repositories"),
    "members": ("read", "find teams"),
}
"""What a GitHub App or a fine-grained token needs."""

PIPELINE: Final[Mapping[str, tuple[str, tuple[str, str]]]] = {
    "variables": ("actions_variables", ("write", "set the variables of ci.variables")),
    "secrets": ("secrets", ("write", "set the secrets of ci.secrets")),
    "environments": ("actions", ("read", "see deployment environments")),
}
"""What it needs besides, by the setting under `ci` in platform.yaml that asks for it."""

SCOPES: Final[Mapping[str, str]] = {
    "repo": "create and change repositories",
    "workflow": "commit .github/workflows",
    "read:org": "find teams",
}
"""What a classic token needs."""

_WITHOUT_INTERNAL: Final = ("free", "team")
"""The plans that have no internal repositories, as GitHub names them:
https://docs.github.com/get-started/learning-about-github/githubs-plans"""

_INCLUDED: Final = {"read:org": ("write:org", "admin:org")}
_STRENGTH: Final = ("none", "read", "write", "admin")


def permissions(pipeline: Mapping[str, Any]) -> Permissions:
    """What is needed with these settings of `ci`."""
    return {**PERMISSIONS, **dict(needed for setting, needed in PIPELINE.items() if pipeline[setting])}


def check(client: Client, organisation: str, team: str, wanted: Permissions) -> None:
    """Raise `NoAccess` for a credential that does not suffice, `BadInput` for a team that is not there."""
    path = f"/orgs/{organisation}/teams/{team}" if team else f"/orgs/{organisation}"
    try:
        client.ask("GET", path)
    except Refused as refused:
        if refused.status != 404:
            raise
        _insist(client, wanted)
        if client.find(f"/orgs/{organisation}") is None:
            raise NoAccess(
                f"there is no organisation {organisation}, or the credential does not see it", where=client.api
            ) from None
        raise BadInput(
            f"team: {organisation} has no team {team!r} on GitHub, or the credential does not see it",
            hint="Create it, or choose another; a token sees teams with members: read, or the scope read:org",
        ) from None
    _insist(client, wanted)


def check_internal(client: Client, organisation: str) -> None:
    """Raise `BadInput` when GitHub says that the organisation's plan has no internal repositories.

    An Enterprise Server has them always. Whom GitHub tells the plan, and that an App needs a permission for it:
    https://docs.github.com/rest/orgs/orgs#get-an-organization. Who is not told finds out when a repository is refused.
    """
    if client.enterprise_server:
        return
    plan = str(client.ask("GET", f"/orgs/{organisation}").get("plan", {}).get("name", ""))
    if plan in _WITHOUT_INTERNAL:
        raise no_internal(f"{organisation} is on GitHub's plan {plan!r}, which has no internal repositories")


def no_internal(what: str) -> BadInput:
    """The error where repositories cannot be internal."""
    return BadInput(
        f"visibility: {what}",
        hint="Choose private or public: for a service with --visibility or defaults.visibility in platform.yaml, "
        "for the organisation's own repositories with forge.visibility there",
    )


def lacking(client: Client, wanted: Permissions) -> list[tuple[str, str]]:
    """Each missing permission with what it is for, as far as it can be known without trying."""
    return [(what, why) for what, why, given in _asked(client, wanted) if not given]


def _asked(client: Client, wanted: Permissions) -> list[tuple[str, str, bool]]:
    """What is asked of the credential, what it is for, and whether it has it; empty where that is not known."""
    if (scopes := client.scopes) is not None:
        return [
            (f"scope {scope}", why, any(has in scopes for has in (scope, *_INCLUDED.get(scope, ()))))
            for scope, why in SCOPES.items()
        ]
    if given := client.permissions:
        return [
            (f"permission {name}: {level}", why, _STRENGTH.index(given.get(name, "none")) >= _STRENGTH.index(level))
            for name, (level, why) in wanted.items()
        ]
    return []


def needs(client: Client, organisation: str, teams: Sequence[str], wanted: Permissions) -> list[Need]:
    """Everything that the platform needs of GitHub, each looked at by itself."""
    found = []
    try:
        client.ask("GET", f"/orgs/{organisation}")
        found.append(Need(f"GitHub at {client.api} knows the organisation {organisation}"))
    except Refused:
        problem = "there is no such organisation, or the credential does not see it"
        return [Need(f"organisation {organisation}", problem, f"See {client.api}")]
    except Failure as failure:
        return [Need(f"GitHub at {client.api}", failure.what, failure.hint)]
    asked = _asked(client, wanted)
    found += [Need(f"{what} ({why})", "" if given else "it is missing", _grant(what)) for what, why, given in asked]
    if not asked:
        found.append(Need("a fine-grained token; GitHub does not say what it may do until it is tried"))
    for team in teams:
        there = client.find(f"/orgs/{organisation}/teams/{team}") is not None
        problem = "" if there else "GitHub has no such team, or the credential does not see it"
        found.append(Need(f"team {team}", problem, "Create it, or take it out of teams:"))
    return found


def _insist(client: Client, wanted: Permissions) -> None:
    if missing := lacking(client, wanted):
        what = ", ".join(f"{name} (to {why})" for name, why in missing)
        raise NoAccess(f"the credential for GitHub lacks {what}", where=client.api, hint=_grant(missing[0][0]))


def _grant(what: str) -> str:
    if what.startswith("scope"):
        return f"Make a token with it, or: gh auth refresh --scopes {what.removeprefix('scope ')}"
    return "Grant it in the App's settings and accept it for the organisation"
