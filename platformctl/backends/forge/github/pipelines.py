"""What workflows of a repository on GitHub are given: Actions variables, and Actions secrets by reference.

https://docs.github.com/en/rest/actions/variables and https://docs.github.com/en/rest/actions/secrets
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from platformctl.backends.forge import Pipeline
from platformctl.backends.forge.github.credential import resolved
from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.organisation import Organisation
from platformctl.errors import Moved


class Pipelines(Organisation):
    """Variables and secrets of repositories."""

    def check_secret(self, reference: str) -> None:
        resolved(reference)

    def pipeline(self, name: str, variables: Collection[str], secrets: Collection[str]) -> Pipeline:
        if name in self._absent:
            return Pipeline()
        return Pipeline(
            self._listed(name, "variables", "value", variables), self._listed(name, "secrets", "updated_at", secrets)
        )

    def settle_pipeline(
        self, name: str, variables: Mapping[str, str | None], secrets: Mapping[str, str | None], revision: str
    ) -> Pipeline:
        there = self.pipeline(name, variables, secrets)
        if there.revision != revision:
            raise self._moved(name)
        values = {key: resolved(given) for key, given in secrets.items() if given and key not in there.secrets}
        for key, value in variables.items():
            if value != there.variables.get(key):
                self._put_variable(name, key, value, new=key not in there.variables)
        self._seal(name, values)
        for key, given in secrets.items():
            if given is None and key in there.secrets:
                self._remove(f"{self._path(name)}/actions/secrets/{key}")

        def right(seen: Pipeline) -> bool:
            wanted = {key: value for key, value in variables.items() if value is not None}
            names = {key for key, given in secrets.items() if given is not None}
            return seen.variables == wanted and seen.secrets.keys() == names

        seen: Pipeline = self._client.settled(lambda: self.pipeline(name, variables, secrets), right)
        return seen

    def _listed(self, name: str, part: str, field: str, names: Collection[str]) -> dict[str, str]:
        """Of a repository's variables or secrets those with these names, with one field of each."""
        if not names:
            return {}
        found = self._client.pages(f"{self._path(name)}/actions/{part}", within=part)
        try:
            return {item["name"]: item[field] for item in found if item["name"] in names}
        except Refused as refused:
            if refused.status != 404:
                raise
            # A repository that is gone has none, and one that was made just now may be seen late.
            return {}

    def _put_variable(self, name: str, variable: str, value: str | None, *, new: bool) -> None:
        path = f"{self._path(name)}/actions/variables"
        about: dict[str, Any] = {"name": variable, "value": value}
        if value is None:
            self._remove(f"{path}/{variable}")
            return
        try:
            if new:
                self._client.ask("POST", path, about)
            else:
                self._client.ask("PATCH", f"{path}/{variable}", about)
        except Refused as refused:
            if refused.status not in (404, 409):
                raise
            # Perhaps an earlier try of this very request made it, and its answer was lost.
            if self._listed(name, "variables", "value", {variable}).get(variable) != value:
                raise self._moved(name) from None

    def _seal(self, name: str, values: Mapping[str, str]) -> None:
        """Set secrets, sealed with the repository's key."""
        if not values:
            return
        from github.PublicKey import encrypt

        path = f"{self._path(name)}/actions/secrets"
        key = self._client.ask("GET", f"{path}/public-key")
        for secret, value in values.items():
            sealed = {"key_id": key["key_id"], "encrypted_value": encrypt(key["key"], value)}
            self._client.ask("PUT", f"{path}/{secret}", sealed)

    def _remove(self, path: str) -> None:
        try:
            self._client.ask("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    def _moved(self, name: str) -> Moved:
        return Moved(f"variables or secrets of {name} were changed meanwhile", where=self.url(name))
