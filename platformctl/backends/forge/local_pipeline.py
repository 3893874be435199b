"""What a pipeline would be given on the embedded forge, which runs none: it is kept, and secrets as references only."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from platformctl.backends.forge import Pipeline
from platformctl.backends.forge.records import Records, digest
from platformctl.model import Json


class LocalPipeline(Records):
    """Deployment environments, variables and secrets, in each repository's record."""

    def environment(self, name: str, environment: str) -> tuple[Json, str]:
        meta = self._meta(name) or {}
        rules = meta.get("environments", {}).get(environment)
        return rules, _revision(rules)

    def set_environment(self, name: str, environment: str, rules: Json, revision: str) -> str:
        with self._locked(name) as meta:
            kept = meta.setdefault("environments", {})
            self._expect(_revision(kept.get(environment)), revision, name)
            kept[environment] = rules
            if rules is None:
                del kept[environment]
            if not kept:
                del meta["environments"]
        return _revision(rules)

    def check_secret(self, reference: str) -> None:
        """No workflow runs here, so no value is needed."""

    def pipeline(self, name: str, variables: Collection[str], secrets: Collection[str]) -> Pipeline:
        return _pipeline(self._meta(name) or {}, variables, secrets)

    def settle_pipeline(
        self, name: str, variables: Mapping[str, str | None], secrets: Mapping[str, str | None], revision: str
    ) -> Pipeline:
        with self._locked(name) as meta:
            there = _pipeline(meta, variables, secrets)
            self._expect(there.revision, revision, name)
            for part, given in (("variables", variables), ("secrets", {**secrets, **_kept(there, secrets)})):
                values = {**meta.get(part, {}), **given}
                meta[part] = {key: value for key, value in values.items() if value is not None}
                if not meta[part]:
                    del meta[part]
            return _pipeline(meta, variables, secrets)


def _pipeline(meta: Mapping[str, Json], variables: Collection[str], secrets: Collection[str]) -> Pipeline:
    def named(part: str, names: Collection[str]) -> dict[str, str]:
        return {key: value for key, value in meta.get(part, {}).items() if key in names}

    return Pipeline(named("variables", variables), named("secrets", secrets))


def _kept(there: Pipeline, secrets: Mapping[str, str | None]) -> Mapping[str, str]:
    return {key: reference for key, reference in there.secrets.items() if secrets[key] is not None}


def _revision(rules: Json) -> str:
    return "" if rules is None else digest(rules)
