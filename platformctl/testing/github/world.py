"""The forge's state: one organisation with its teams, users and repositories."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformctl.testing.github.errors import not_found
from platformctl.testing.github.repository import Repository


@dataclass
class User:
    """A person, with their role in the organisation: `admin`, `member`, or empty for a stranger."""

    id: int
    login: str
    role: str


@dataclass
class Team:
    """A team. Its permissions are kept with the repositories."""

    id: int
    slug: str
    name: str
    members: tuple[str, ...]
    created: str
    privacy: str = "closed"


@dataclass
class Site:
    """What does not change while the forge runs, but for tests that set it."""

    folder: Path
    organisation: str
    url: str
    """The API's base."""
    web_url: str
    plan: str
    rulesets: bool
    enterprise_server: bool
    version: str
    created: str
    tree_limit: int = 100_000
    """Entries above which a recursive tree is truncated: https://docs.github.com/rest/git/trees#get-a-tree."""
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def now(self) -> str:
        """This moment as GitHub writes it."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def node_id(self, kind: str, number: int) -> str:
        """An opaque id as GraphQL has it."""
        return f"{kind}_{number:08d}"


@dataclass
class World:
    """Everything that requests can change. `fork` before a change keeps the world of before it as it was."""

    site: Site
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    """By name in lower case: https://docs.github.com/repositories/creating-and-managing-repositories."""
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The organisation's custom properties."""

    def fork(self, name: str = "") -> World:
        """A world in which one repository, or without a name all but repositories, can be changed."""
        forked = copy.copy(self)
        forked.repositories = dict(self.repositories)
        if there := self.repositories.get(name.lower()):
            forked.repositories[name.lower()] = there.copy()
        else:
            forked.properties = copy.deepcopy(self.properties)
        return forked

    def repository(self, owner: str, name: str) -> Repository:
        """A repository by name; GitHub's 404 when there is none."""
        found = self.repositories.get(name.lower())
        if found is None or owner.lower() != self.site.organisation.lower():
            raise not_found()
        return found

    def organisation(self, name: str) -> str:
        """The organisation's login; GitHub's 404 for every other name."""
        if name.lower() != self.site.organisation.lower():
            raise not_found()
        return self.site.organisation

    def team(self, slug: str) -> Team:
        """A team by slug; GitHub's 404 when there is none."""
        if slug.lower() not in self.teams:
            raise not_found()
        return self.teams[slug.lower()]

    def user(self, login: str) -> User:
        """A user by login, made known when they are not yet."""
        if login.lower() not in self.users:
            self.users[login.lower()] = User(next(self.site.ids), login, "")
        return self.users[login.lower()]
