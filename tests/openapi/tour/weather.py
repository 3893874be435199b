"""Answers that no endpoint describes, since every one of them may give them."""

from __future__ import annotations

from platformctl.testing.github import FakeGitHub
from platformctl.testing.wire.faults import Fault
from tests.openapi.tour.caller import Caller


def weather(github: FakeGitHub, ask: Caller) -> None:
    """What has not changed, limits, and a server in trouble."""
    ask(200, "GET /repos/acme/svc")
    tag = github.exchanges[-1].response_headers["ETag"]
    ask(304, "GET /repos/acme/svc", headers={"If-None-Match": tag})
    for status, fault in {
        403: Fault("rate_limit"),
        429: Fault("secondary", status=429),
        500: Fault("500"),
        502: Fault("502"),
        503: Fault("503"),
    }.items():
        github.faults.add(fault)
        ask(status, "GET /repos/acme/svc")
