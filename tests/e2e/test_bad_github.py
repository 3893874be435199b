"""Credentials that do not suffice, and a GitHub that is slow, busy or away: one clear line, and nothing written."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

import pytest

from platformctl.testing.github import Fault, Request
from tests.e2e.organisation import NEW, Organisation, organisation, stage
from tests.e2e.sandbox import Says, row
from tests.github import APP, app_keys

__all__ = ["organisation", "stage"]

SCOPES = ("repo", "workflow", "read:org")
ALL = {
    "administration": "write",
    "contents": "write",
    "workflows": "write",
    "pull_requests": "write",
    "metadata": "read",
    "members": "read",
}


INSTALLATION = 7


def with_app(organisation: Organisation, **settings: Any) -> str:
    """Let an App be the credential, and no token be there; gives its private key."""
    private, public = app_keys()
    organisation.github.app(APP, public, INSTALLATION, ALL)
    app = {"id": APP, "installation": INSTALLATION, "private_key": "env:APP_KEY", **settings}
    organisation.forge(credential="app", app=app)
    organisation.env |= {"APP_KEY": private, "GITHUB_TOKEN": ""}
    return private


def tokens(organisation: Organisation) -> None:
    """One token for each way in which one can be wrong."""
    organisation.github.token("ghp_expired", expired=True)
    organisation.github.token("ghp_sso", sso=True)
    for missing in SCOPES:
        organisation.github.token(f"ghp_without_{missing}", scopes=[scope for scope in SCOPES if scope != missing])


@pytest.mark.parametrize(
    ("token", "forge", "says"),
    [
        row("none", "", {}, ["gh CLI has no token", "GITHUB_TOKEN", "gh auth login"]),
        row("a variable that is not set", "", {"credential": "env:NOT_SET"}, ["NOT_SET is not set"]),
        row("a file that is not there", "", {"credential": "file:/nowhere/token"}, ["/nowhere/token", "No such file"]),
        row("wrong", "ghp_wrong", {}, ["does not accept the credential"]),
        row("expired", "ghp_expired", {}, ["does not accept the credential", "expired"]),
        row("single sign-on", "ghp_sso", {}, ["single sign-on", "/orgs/acme/sso"]),
        *[row(f"no {scope}", f"ghp_without_{scope}", {}, [f"scope {scope}", "gh auth refresh"]) for scope in SCOPES],
    ],
)
def test_a_credential_that_does_not_suffice(
    token: str, forge: Mapping[str, Any], says: Says, organisation: Organisation
) -> None:
    tokens(organisation)
    organisation.shim("exit 1", "gh")
    organisation.forge(**forge)
    organisation.env["GITHUB_TOKEN"] = token
    done = organisation.refused(*NEW, code=4, says=says)
    assert not token or token not in done.out + done.err


@pytest.mark.parametrize("lacks", ["administration", "contents", "members"])
def test_a_fine_grained_token_says_what_it_lacks_once_github_has_said_so(
    lacks: str, organisation: Organisation
) -> None:
    """GitHub does not tell what such a token may do until it is tried."""
    token = organisation.github.fine_grained("fine", {name: level for name, level in ALL.items() if name != lacks})
    organisation.env["GITHUB_TOKEN"] = token
    done = organisation.run(*NEW)
    assert done.code == 4, done.err
    assert lacks in done.message
    assert "payments-api" not in organisation.github.state()["repositories"] or lacks == "contents"


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        row("another key", {}, "other", ["does not accept the credential"]),
        row("another installation", {"installation": 99}, "own", ["installation 99"]),
        row("no key", {"private_key": "file:/nowhere/key.pem"}, "own", ["/nowhere/key.pem", "No such file"]),
        row("a variable that is not set", {"private_key": "env:NOT_SET"}, "own", ["NOT_SET is not set"]),
        row("no PEM", {}, "no key at all", ["private key cannot be used", "PEM"]),
    ],
)
def test_an_app_that_github_does_not_know(
    settings: Mapping[str, Any], key: str, says: Says, organisation: Organisation
) -> None:
    private = with_app(organisation, **settings)
    organisation.env["APP_KEY"] = {"own": private, "other": app_keys(other=True)[0]}.get(key, key)
    organisation.refused(*NEW, code=4, says=says)


def test_tokens_of_an_app_are_renewed_before_they_end(organisation: Organisation) -> None:
    """They live an hour. Here they live half a second longer than what platformctl takes for too short."""
    with_app(organisation)
    organisation.github.app(APP, app_keys()[1], INSTALLATION, ALL, lifetime_seconds=300.5)
    organisation.done(*NEW)
    asked = [exchange.template for exchange in organisation.exchanges()]
    assert 2 <= asked.count("/app/installations/{installation_id}/access_tokens") < len(asked) / 2


def test_a_team_that_github_does_not_have(organisation: Organisation) -> None:
    command = ("new", "service", "payments-api", "--team", "ghosts", "--yes")
    organisation.refused(*command, code=2, says=["acme has no team 'ghosts' on GitHub"])


def test_an_organisation_that_is_not_there(organisation: Organisation) -> None:
    organisation.env["PLATFORMCTL_HOME"] = str(organisation.root / "elsewhere")
    command = ("init", "--forge", "github", "--org", "nowhere", "--api", organisation.github.url, "--yes")
    organisation.refused(*command, code=4, says=["no organisation nowhere"])


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        row("limit", Fault("rate_limit", seconds=600), ["asks to wait", "until", "forge.max_wait_seconds (120)"]),
        row("secondary limit", Fault("secondary", seconds=600), ["asks to wait 600 s", "until", "max_wait_seconds"]),
        row("500 for ever", Fault("500", times=1_000), ["GitHub answered GET", "with 500"]),
        row("502 for ever", Fault("502", times=1_000), ["GitHub answered GET", "with 502"]),
        row("resets for ever", Fault("reset_before", times=1_000), ["GitHub cannot be reached", "forge.api"]),
        row("hangs for ever", Fault("hang", times=1_000, seconds=1), ["GitHub did not answer in time"]),
    ],
)
def test_bad_weather_that_stays(fault: Fault, says: Says, organisation: Organisation) -> None:
    organisation.forge(timeout_seconds=0.5)
    organisation.github.faults.add(fault)
    began = time.monotonic()
    organisation.refused(*NEW, code=1, says=says)
    assert time.monotonic() - began < 30


def test_a_server_that_is_not_there(organisation: Organisation) -> None:
    file = organisation.home / "platform.yaml"
    file.write_text(file.read_text().replace(organisation.github.url, "http://127.0.0.1:9"))
    organisation.refused(*NEW, code=1, says=["http://127.0.0.1:9", "GitHub cannot be reached"])


def creates(request: Request) -> bool:
    """Whether a request creates the repository: others are at work at the same time."""
    return request.method == "POST" and request.path == "/orgs/acme/repos"


def test_a_short_pause_is_waited_for_where_it_can_be_seen(organisation: Organisation) -> None:
    organisation.github.faults.add(Fault("secondary", match=creates, seconds=1))
    assert "GitHub asks for a pause (secondary rate limit): waiting 1 s" in organisation.done(*NEW).err


def test_a_pause_can_be_interrupted(organisation: Organisation) -> None:
    organisation.github.faults.add(Fault("secondary", match=creates, seconds=60))
    with organisation.start(*NEW) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, b"")
        assert any(b"waiting 60 s" in line for line in lines)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert time.monotonic() - began < 20
    assert b"platformctl resume" in said
    organisation.github.faults.clear()
    organisation.done("resume", "last", "--yes")
    organisation.done("doctor", "payments-api")
