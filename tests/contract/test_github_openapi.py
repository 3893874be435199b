"""The fake GitHub answers what GitHub's own description allows, at every endpoint that it has and in every edition."""

from __future__ import annotations

from typing import Any, Final

import pytest

from platformctl.testing.github import FakeGitHub
from platformctl.testing.github.routes import ROUTES
from platformctl.testing.wire.exchange import Exchange
from tests.openapi import tour
from tests.openapi.exchanges import needless, problems

EDITIONS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "ghec": ({"plan": "enterprise"}, "internal"),
    "api.github.com": ({"plan": "team"}, "private"),
    "ghes-3.19": ({"plan": "enterprise", "enterprise_server": True}, "internal"),
}
"""By the name of the description: how the fake is started, and a repository's visibility."""


Tours = dict[str, list[Exchange]]
"""What was asked and answered, by edition."""


@pytest.fixture(scope="module")
def tours(tmp_path_factory: pytest.TempPathFactory) -> Tours:
    taken = {}
    for edition, (options, visibility) in EDITIONS.items():
        with FakeGitHub(tmp_path_factory.mktemp("github"), organisation="acme", **options) as github:
            tour.take(github, visibility)
            taken[edition] = github.exchanges
    return taken


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_answer_is_one_that_github_describes(edition: str, tours: Tours) -> None:
    assert problems(tours[edition], edition) == []


def test_every_endpoint_is_on_the_tour(tours: Tours) -> None:
    seen = {(one.method, one.template) for taken in tours.values() for one in taken if 0 < one.status < 400}
    assert [f"{route.method} {route.template}" for route in ROUTES if (route.method, route.template) not in seen] == []


def test_what_is_allowed_is_needed(tours: Tours) -> None:
    assert set.intersection(*(set(needless(taken, edition)) for edition, taken in tours.items())) == set()
