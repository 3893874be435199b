"""A tour through everything that the fake GitHub does, as a client would ask for it, refusals on the way included."""

from __future__ import annotations

from typing import Final

from platformctl.testing.github import FakeGitHub
from tests.openapi.tour.access import app, strangers
from tests.openapi.tour.actions import actions
from tests.openapi.tour.caller import Caller
from tests.openapi.tour.code import contents, git
from tests.openapi.tour.organisation import organisation, repository, security
from tests.openapi.tour.review import pulls, rules
from tests.openapi.tour.weather import weather

_SCOPES: Final = ("repo", "workflow", "admin:org", "delete_repo")


def take(github: FakeGitHub, visibility: str) -> None:
    """Ask for everything that this edition has. `visibility` is the repository's."""
    github.team("payments", "Payments", members=("mia",))
    github.token("of-ada", user="ada", scopes=_SCOPES, role="admin")
    github.token("of-mia", user="mia", scopes=("repo",), role="member")
    ada, mia = Caller(github.url, "of-ada"), Caller(github.url, "of-mia")
    organisation(ada)
    repository(ada, visibility)
    if not github.site.enterprise_server:
        security(ada)
    git(ada)
    contents(ada)
    pulls(ada, mia, app(github))
    rules(ada)
    actions(ada)
    strangers(github)
    weather(github, ada)
    mia(403, "DELETE /repos/acme/svc")
    ada(204, "DELETE /repos/acme/svc")
