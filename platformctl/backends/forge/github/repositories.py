"""Repositories on GitHub: their settings, their teams, whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from platformctl.backends.forge import RepositoryState, teams_that_count
from platformctl.backends.forge.github.access import no_internal
from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.organisation import Organisation
from platformctl.backends.forge.github.settings import body, digest, mark, owner_of, permission, settings_of, unmarked
from platformctl.errors import Failure, Moved, NotConverged, NotFound, Taken
from platformctl.model import Json, Owner

_CALLERS: Final = {"none": "nobody", "organization": "organisation", "enterprise": "enterprise"}


class Repositories(Organisation):
    """Repositories with their settings."""

    def repositories(self) -> list[str]:
        return sorted(item["name"] for item in self._client.pages(f"/orgs/{self._organisation}/repos"))

    def owners(self) -> Mapping[str, Owner]:
        listed = self._client.pages(f"/orgs/{self._organisation}/repos")
        found = {item["name"]: owner_of(item) for item in listed}
        return {name: owner for name, owner in sorted(found.items()) if owner.service}

    def repository(self, name: str) -> RepositoryState | None:
        if name in self._absent:
            return None
        data = self._client.find(self._path(name))
        if data is None or data["name"] != name:
            self._absent.add(name)
            return None
        settings = settings_of(data, self._client.pages(f"{self._path(name)}/teams"))
        if self._client.enterprise_server:
            settings["security_updates"] = self._warns(name)
        return RepositoryState(settings, owner_of(data), digest(settings))

    def create_repository(self, name: str, settings: Mapping[str, Json], owner: Owner) -> RepositoryState:
        about = {
            **body(settings),
            "name": name,
            "homepage": mark(self.url(name), owner),
            "auto_init": True,
            "has_wiki": False,
            "has_projects": False,
        }
        if settings.get("properties"):
            about["custom_properties"] = settings["properties"]
        path = self._path(name)
        try:
            data = self._client.ask("POST", f"/orgs/{self._organisation}/repos", about)
        except Refused as refused:
            if refused.status != 422 or not any(error.get("field") == "name" for error in refused.errors):
                raise _explained(refused, settings) from None
            # Perhaps an earlier try of this very request made it, and its answer was lost.
            data = self._client.settled(lambda: self._client.find(path), bool)
            if data is None or owner_of(data) != owner:
                raise Taken(f"repository {name} exists already", where=self.url(name)) from None
        self._absent.discard(name)
        self._forget(name)
        self._made[name] = str(settings.get("default_branch", data["default_branch"]))
        self._settle(name, settings, settings_of(data, ()))
        return self._as_wanted(name, settings)

    def update_repository(self, name: str, settings: Mapping[str, Json], revision: str) -> RepositoryState:
        found = self.repository(name)
        if found is None:
            raise Moved(f"repository {name} is gone", where=self.url(name))
        if found.revision != revision:
            raise Moved(f"repository {name} was changed meanwhile", where=self.url(name))
        self._settle(name, settings, found.settings)
        return self._as_wanted(name, settings)

    def adopt_repository(self, name: str, owner: Owner) -> None:
        data = self._client.ask("GET", self._path(name))
        if (whose := owner_of(data).service) not in ("", owner.service):
            raise Taken(f"repository {name} belongs to {whose}", where=self.url(name))
        self._client.ask("PATCH", self._path(name), {"homepage": mark(data.get("homepage") or self.url(name), owner)})

    def disown_repository(self, name: str, owner: Owner) -> None:
        data = self._client.ask("GET", self._path(name))
        if owner_of(data) == owner:
            page = unmarked(data["homepage"])
            self._client.ask("PATCH", self._path(name), {"homepage": "" if page == self.url(name) else page})

    def callers(self, name: str) -> str:
        if name in self._absent:
            return "nobody"
        found = self._client.find(f"{self._path(name)}/actions/permissions/access")
        return "" if found is None else _CALLERS.get(found["access_level"], found["access_level"])

    def allow_callers(self, name: str, callers: str, before: str) -> None:
        if (now := self.callers(name)) != before:
            raise Moved(f"{name} may be called by {now or 'everybody'} now", where=self.url(name))
        level = next(theirs for theirs, ours in _CALLERS.items() if ours == callers)
        self._client.ask("PUT", f"{self._path(name)}/actions/permissions/access", {"access_level": level})

    def _settle(self, name: str, settings: Mapping[str, Json], found: Mapping[str, Json]) -> None:
        """Bring what differs to the settings, by the requests that GitHub has for each part."""
        path = self._path(name)
        changed = {key for key, value in settings.items() if found.get(key) != value}
        if "archived" in changed:
            self._client.ask("PATCH", path, {"archived": settings["archived"]})
        if changed & {"description", "visibility", "merge"}:
            try:
                self._client.ask("PATCH", path, body(settings))
            except Refused as refused:
                raise _explained(refused, settings) from None
        if "default_branch" in changed and found.get("default_branch"):
            old = quote(str(found["default_branch"]), safe="")
            self._client.ask("POST", f"{path}/branches/{old}/rename", {"new_name": settings["default_branch"]})
        if "topics" in changed:
            self._client.ask("PUT", f"{path}/topics", {"names": settings["topics"]})
        if "teams" in changed:
            self._settle_teams(name, settings["teams"], found.get("teams", {}))
        if "security_updates" in changed:
            self._settle_security_updates(path, on=bool(settings["security_updates"]))
        if "properties" in changed and any(
            found.get("properties", {}).get(k) != v for k, v in settings["properties"].items()
        ):
            values = [{"property_name": key, "value": value} for key, value in settings["properties"].items()]
            self._client.ask("PATCH", f"{path}/properties/values", {"properties": values})

    def _settle_security_updates(self, path: str, *, on: bool) -> None:
        """Updates need alerts. On an Enterprise Server only alerts can be set: administrators decide about updates."""
        updates = not self._client.enterprise_server
        if on:
            self._client.ask("PUT", f"{path}/vulnerability-alerts")
            if updates:
                self._client.ask("PUT", f"{path}/automated-security-fixes")
        else:
            self._client.ask("DELETE", f"{path}/{'automated-security-fixes' if updates else 'vulnerability-alerts'}")

    def _warns(self, name: str) -> bool:
        """Whether a repository's vulnerability alerts are on."""
        try:
            self._client.ask("GET", f"{self._path(name)}/vulnerability-alerts")
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        return True

    def _settle_teams(self, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
        for team, ours in wanted.items():
            if found.get(team) != ours:
                try:
                    self._client.ask("PUT", self._access(team, name), {"permission": permission(ours)})
                except Refused as refused:
                    if refused.status != 404:
                        raise
                    raise NotFound(
                        f"{self._organisation} has no team {team!r} on GitHub", hint="Create it, or see `teams:`"
                    ) from None
        for team in teams_that_count(found, wanted).keys() - wanted.keys():
            self._client.remove(self._access(team, name))

    def _access(self, team: str, name: str) -> str:
        return f"/orgs/{self._organisation}/teams/{team}{self._path(name)}"

    def _as_wanted(self, name: str, settings: Mapping[str, Json]) -> RepositoryState:
        def right(state: RepositoryState | None) -> bool:
            return state is not None and not _lacking(settings, state.settings)

        def look() -> RepositoryState | None:
            self._absent.discard(name)
            return self.repository(name)

        seen: RepositoryState | None = self._client.settled(look, right)
        if seen is None:
            raise NotConverged(f"repository {name} was made and is not to be seen", where=self.url(name))
        return seen


def _explained(refused: Refused, settings: Mapping[str, Json]) -> Failure:
    """What to do about a refusal, where it is about a visibility that this organisation has not."""
    about = refused.status == 422 and "visibility" in refused.message
    return no_internal(refused.message) if about and settings.get("visibility") == "internal" else refused


def _lacking(wanted: Mapping[str, Json], found: Mapping[str, Json]) -> list[str]:
    seen = {**found, "teams": teams_that_count(found["teams"], wanted.get("teams", ()))}
    return [key for key, value in wanted.items() if key != "properties" and key in seen and seen[key] != value]
