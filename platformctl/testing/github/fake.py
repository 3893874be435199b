"""The fake GitHub, as tests use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from platformctl.testing.github import snapshot
from platformctl.testing.github.forge import Forge, Moment
from platformctl.testing.github.limits import Limits
from platformctl.testing.github.tokens import LIFETIME, App, Token
from platformctl.testing.github.world import Site, Team, User
from platformctl.testing.wire.fake import Fake
from platformctl.testing.wire.server import Server

_ACTIONS: Final = 15368
"""The id of the App that runs workflows on github.com."""


class FakeGitHub(Fake):
    """One organisation's GitHub on the loopback interface, as a context manager.

    `folder` holds its git repositories and has to be empty or missing. `plan` is `enterprise` or `team`; only the first
    has internal repositories. Without `rulesets`, their endpoints are refused as on plans that have none. With
    `enterprise_server`, the API is where GitHub Enterprise Server has it. Port 0 is any free one.

    Raises ValueError when the folder is in use or a word is not known.
    """

    def __init__(
        self,
        folder: Path,
        organisation: str = "acme",
        *,
        plan: str = "enterprise",
        rulesets: bool = True,
        enterprise_server: bool = False,
        version: str = "3.19.0",
        port: int = 0,
    ) -> None:
        if plan not in ("enterprise", "team"):
            raise ValueError(f"plan is enterprise or team, and not {plan!r}")
        if folder.exists() and any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty")
        folder.mkdir(parents=True, exist_ok=True)
        server = Server(port, "github.com")
        web = f"http://127.0.0.1:{server.port}"
        api = f"{web}/api/v3" if enterprise_server else web
        site = Site(folder, organisation, api, web, plan, rulesets, enterprise_server, version, "")
        site.created = site.now()
        self._forge = Forge(site)
        super().__init__(server, self._forge)

    @property
    def url(self) -> str:
        """The API's base, without a slash at its end."""
        return self._forge.site.url

    @property
    def web_url(self) -> str:
        """Where people look, and git clones from: `WEB_URL/ORGANISATION/NAME.git`."""
        return self._forge.site.web_url

    @property
    def organisation(self) -> str:
        """The organisation's name."""
        return self._forge.site.organisation

    @property
    def site(self) -> Site:
        """Where tests set the clock, the limit of trees, and whether there are rulesets."""
        return self._forge.site

    @property
    def limits(self) -> Limits:
        """The rate limit; `limits.limit` can be set."""
        return self._forge.limits

    def user(self, login: str, role: str = "member") -> User:
        """Make somebody known: `admin` or `member` of the organisation, or with an empty role a stranger."""
        if role not in ("admin", "member", ""):
            raise ValueError(f"role is admin, member or empty, and not {role!r}")
        with self._forge.lock:
            user = self._forge.world.user(login)
            user.role = role
            return user

    def team(self, slug: str, name: str = "", members: Sequence[str] = ()) -> Team:
        """Make a team."""
        with self._forge.lock:
            site = self._forge.site
            team = Team(next(site.ids), slug, name or slug, tuple(members), site.now())
            for member in members:
                if not self._forge.world.user(member).role:
                    self.user(member)
            self._forge.world.teams[slug.lower()] = team
            return team

    def token(
        self,
        text: str,
        user: str = "robot",
        scopes: Sequence[str] = ("repo", "workflow", "read:org", "delete_repo"),
        role: str = "admin",
        *,
        expired: bool = False,
        sso: bool = False,
    ) -> str:
        """A classic token of a user. With `sso`, it is not authorised for single sign-on yet."""
        self.user(user, role)
        self._forge.keyring.tokens[text] = Token("classic", user, tuple(scopes), expired=expired, sso=sso)
        return text

    def fine_grained(
        self,
        text: str,
        permissions: Mapping[str, str],
        user: str = "robot",
        role: str = "admin",
        *,
        repositories: Sequence[str] = (),
        expired: bool = False,
    ) -> str:
        """A fine-grained token of a user, for all repositories unless some are named.

        Permissions are as in `{"contents": "write"}`.
        """
        self.user(user, role)
        chosen = tuple(name.lower() for name in repositories)
        self._forge.keyring.tokens[text] = Token(
            "fine_grained", user, (), dict(permissions), repositories=chosen, expired=expired
        )
        return text

    def app(
        self,
        id: int,
        public_key: str,
        installation: int,
        permissions: Mapping[str, str],
        *,
        lifetime_seconds: float = LIFETIME,
        slug: str = "platform",
    ) -> App:
        """A GitHub App, installed on the organisation; the public key in PEM."""
        app = App(id, public_key, installation, dict(permissions), lifetime_seconds, slug)
        self._forge.keyring.apps[id] = app
        return app

    def head(self, repository: str, branch: str) -> str:
        """The commit of a branch. Raises KeyError when there is none."""
        with self._forge.lock:
            return self._forge.world.repositories[repository.lower()].refs[f"refs/heads/{branch}"]

    def check(self, repository: str, commit: str, name: str, word: str, *, run: bool = False) -> None:
        """Let CI say a word about a commit: a status's state, or with `run` a check run's conclusion or status."""
        with self._forge.lock:
            world = self._forge.world.fork(repository)
            about = {"id": next(self.site.ids), "context": name, "created": self.site.now(), "conclusion": word}
            if run:
                ended = word not in ("queued", "in_progress")
                about |= {"status": "completed" if ended else word, "conclusion": word if ended else None}
                about["app"] = self.app(_ACTIONS, "", 0, {"checks": "write"}, slug="github-actions").id
            else:
                about |= {"user": "github-actions", "description": None, "target_url": None}
            world.repositories[repository.lower()].checks.setdefault(commit, []).append(about)
            self._forge.world = world

    def secret(self, repository: str, name: str) -> str:
        """What was sealed into an Actions secret. Raises KeyError when there is none."""
        with self._forge.lock:
            return self._forge.world.repositories[repository.lower()].secrets[name.upper()]["plaintext"]

    def state(self) -> dict[str, Any]:
        """Everything there is, as JSON and without times and numbers, so that two worlds can be compared."""
        with self._forge.lock:
            return snapshot.of(self._forge.world)

    def remember(self) -> Moment:
        """How repositories are now, to return to; teams, people, tokens and what was exchanged are not part of it."""
        return self._forge.remember()

    def return_to(self, moment: Moment) -> None:
        """Let repositories be as they were then, and forget faults that have not happened."""
        self.faults.clear()
        self._forge.return_to(moment)
