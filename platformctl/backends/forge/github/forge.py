"""The forge on GitHub: github.com, or an Enterprise Server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from platformctl.backends.forge.github import access
from platformctl.backends.forge.github.classic import ClassicProtection
from platformctl.backends.forge.github.environments import Environments
from platformctl.backends.forge.github.pipelines import Pipelines
from platformctl.backends.forge.github.proposals import Proposals
from platformctl.backends.forge.github.protection import Rulesets
from platformctl.backends.forge.github.repositories import Repositories
from platformctl.backends.forge.github.settings import digest
from platformctl.errors import Moved, NoAccess
from platformctl.model import Json
from platformctl.port import Need, Usage, Wait

_HELPER: Final = (
    '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$PLATFORMCTL_FORGE_TOKEN"; }; f'
)


class GitHubForge(Repositories, Proposals, Environments, Pipelines):
    """An organisation on GitHub."""

    RUNS_WORKFLOWS: ClassVar[bool] = True

    def __init__(self, platform: Mapping[str, Any], cache: Path) -> None:
        super().__init__(platform, cache)
        self._teams = [team["slug"] for team in platform.get("teams", ())]
        classic = platform["forge"]["protection"] == "classic"
        self._protection = ClassicProtection(self._client) if classic else Rulesets(self._client, self._cache)
        self._permissions = access.permissions(platform["ci"])

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> GitHubForge:
        """The organisation of a platform."""
        return cls(platform, home / "cache")

    def wait_with(self, wait: Wait) -> None:
        self._client.wait = wait

    def usage(self) -> Usage:
        return self._client.usage()

    def check(self) -> None:
        assert self._client.auth

    def check_access(self, team: str, visibility: str = "") -> None:
        access.check(self._client, self._organisation, team, self._permissions)
        if visibility == "internal":
            access.check_internal(self._client, self._organisation)

    def needs(self) -> list[Need]:
        return access.needs(self._client, self._organisation, self._teams, self._permissions)

    def files_url(self, name: str, branch: str) -> str:
        return f"{self.url(name)}/blob/{branch}/"

    def clone_url(self, name: str) -> str:
        return f"{self.url(name)}.git"

    def git_environment(self) -> Mapping[str, str]:
        # git asks the helper, for this server alone, and the helper reads the token from the environment: so it is in
        # no file, no URL and no argument list.
        server = f"credential.{self._web}.helper"
        return {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": server,
            "GIT_CONFIG_VALUE_0": "",
            "GIT_CONFIG_KEY_1": server,
            "GIT_CONFIG_VALUE_1": _HELPER,
            "PLATFORMCTL_FORGE_TOKEN": self._client.auth.token,
        }

    def delete_repository(self, name: str, revision: str) -> None:
        found = self.repository(name)
        if found is None:
            return
        archived = bool(found.settings["archived"])
        if revision not in (found.revision, digest({**found.settings, "archived": False})):  # or archived below
            raise Moved(f"repository {name} was changed meanwhile", where=self.url(name))
        default = str(found.settings["default_branch"])
        self._heads.pop((name, default), None)  # deleting is no swap: look now
        head = self.head(name, default)
        heads = {item["name"]: item["commit"]["sha"] for item in self._client.pages(f"{self._path(name)}/branches")}
        if others := sorted(heads.keys() - {default}):
            raise Moved(f"repository {name} has the branch {others[0]}", where=self.url(name))
        if head or heads.get(default, "") != self._beneath.get((name, default), ""):
            raise Moved(f"repository {name} has commits", where=self.url(name))
        if tags := self._client.find(f"{self._path(name)}/git/matching-refs/tags"):
            raise Moved(f"repository {name} has {tags[0]['ref']}", where=self.url(name))
        try:
            self._client.remove(self._path(name))
        except NoAccess as refused:
            if archived:
                raise Moved(f"repository {name} is archived already, and may not be deleted: {refused.what}") from None
            self._client.ask("PATCH", self._path(name), {"archived": True})
            raise Moved(f"repository {name} was archived, because it may not be deleted: {refused.what}") from None
        self._absent.add(name)
        self._forget(name)

    def protect(self, name: str, branch: str, rules: Json, revision: str) -> str:
        return self._protection.put(self._path(name), branch, rules, revision)

    def protection(self, name: str, branch: str) -> tuple[Json, str]:
        if name in self._absent:
            return None, ""
        return self._protection.get(self._path(name), branch)
