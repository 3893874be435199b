"""A GitHub that does not answer, or does not let the credential see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, cast

from platformctl.model import Drift
from platformctl.testing.github import Fault
from tests.drifts.case import Kind, Planted
from tests.drifts.github_stand import GitHubStand
from tests.drifts.outages import unreadable
from tests.drifts.stand import SERVICE, Stand
from tests.github import TOKEN

_CATALOG: Final = "catalog/component/payments-api"
_PROTECTION: Final = "branch_protection/payments-api/main"
_PATHS: Final = {
    "settings": ("/repos/acme/payments-api/teams", "repository/payments-api"),
    "rules": ("/repos/acme/payments-api/rulesets", _PROTECTION),
    "variables": ("/repos/acme/payments-api/actions", "pipeline_settings/payments-api"),
    "environments": (
        "/repos/acme/payments-api/environments",
        "deployment_environment/payments-api/staging",
    ),
    "the catalog": ("/repos/acme/catalog/", _CATALOG),
    "the environments": ("/repos/acme/environments/", "manifests/environments/staging/payments-api"),
    "commits": ("/repos/acme/payments-api/branches", "service/payments-api"),
}


def _failing(path: str, address: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        kind = chance.choice(("500", "502", "503", "reset_before"))
        fault = Fault(kind, match=lambda request: request.path.startswith(path), times=10**6, seconds=0.0)
        cast(GitHubStand, stand).github.faults.add(fault)
        return unreadable(address)

    return plant


def _fewer_permissions(permission: str, address: str) -> Callable[[Stand, Random], Planted]:
    def plant(stand: Stand, chance: Random) -> Planted:
        given = dict.fromkeys(_PERMISSIONS, "write")
        del given[permission]
        cast(GitHubStand, stand).github.fine_grained(TOKEN, given)
        return unreadable(address)

    return plant


def _sees_only(*names: str) -> Callable[[Stand, Random], Planted]:
    """The credential is for these repositories alone; of others GitHub says that they are not there."""

    def plant(stand: Stand, chance: Random) -> Planted:
        given = dict.fromkeys(_PERMISSIONS, "write")
        cast(GitHubStand, stand).github.fine_grained(TOKEN, given, role="member", repositories=names)
        unseen = {"environments": "manifests/environments/staging/payments-api", "catalog": _CATALOG}
        return unreadable(*(address for name, address in unseen.items() if name not in names))

    return plant


def _sees_nothing(stand: Stand, chance: Random) -> Planted:
    given = dict.fromkeys(_PERMISSIONS, "write")
    names = ("platform-modules", "platform-workflows", "catalog", "environments")
    cast(GitHubStand, stand).github.fine_grained(TOKEN, given, role="member", repositories=names)
    return unreadable("repository/payments-api", hides=tuple(stand.pristine))


_PERMISSIONS: Final = (
    "administration",
    "contents",
    "environments",
    "members",
    "metadata",
    "pull_requests",
    "secrets",
    "actions_variables",
    "workflows",
    "actions",
)


def _kinds() -> Iterator[Kind]:
    out = Drift.UNREADABLE
    for name, (path, address) in _PATHS.items():
        area = "" if name == "commits" else f"outage {name}"
        yield Kind(f"GitHub does not answer: {name}", _failing(path, address), area, out, times=2)
    for permission, address in {
        "actions_variables": "pipeline_settings/payments-api",
        "actions": "deployment_environment/payments-api/staging",
    }.items():
        yield Kind(f"the token may not read {permission}", _fewer_permissions(permission, address), "", out, times=1)
    some = (SERVICE, "platform-modules", "platform-workflows")
    yield Kind("the token sees no environments", _sees_only(*some, "catalog"), "", out, times=1)
    yield Kind(
        "the token does not see the service",
        _sees_nothing,
        "",
        out,
        times=1,
        short="GitHub says of a repository that a credential may not see that it is not there: doctor says so too,"
        " which is missing, and not unreadable.",
    )
    yield Kind("the token sees no catalog", _sees_only(*some, "environments"), "", out, times=1)


KINDS: Final = tuple(_kinds())
