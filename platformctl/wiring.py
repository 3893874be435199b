"""Who is plugged in: the only place that knows both actions and backends."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

from platformctl import golden_path, plugins, recipe
from platformctl.config import FACTS, Config
from platformctl.errors import BadConfig, BadRecipe, NoAccess
from platformctl.golden_path import GoldenPath
from platformctl.home import Home
from platformctl.model import Json, Plane
from platformctl.port import Metered, Usage, Wait
from platformctl.ports import Ports
from platformctl.recipe import Recipe

MODULES: Final = "platform-modules"
WORKFLOWS: Final = "platform-workflows"
ENVIRONMENTS: Final = "environments"
CATALOG: Final = "catalog"
ORGANISATION: Final = "organisation"
"""The golden path of the organisation's own repositories, and the name that its runs go by."""
RESERVED: Final = (MODULES, WORKFLOWS, ENVIRONMENTS, CATALOG, ORGANISATION)
"""Names that no service can have."""


@dataclass(frozen=True)
class Standing:
    """Whether a plane has a live system behind it, and if not, why."""

    live: bool
    why: str = ""


class Wiring:
    """One platform, ready to be worked with. What is not used is not loaded."""

    def __init__(self, config: Config, home: Home, stand_in: Wiring | None = None) -> None:
        self.home: Home = home
        self.config = config if stand_in is None else _redirected(config, home, stand_in.home)
        self._prepared = stand_in or self
        """Where the organisation's own repositories are: in scratch while planning on an empty home."""
        self._actions: dict[tuple[str, tuple[Path, ...]], Any] = {}
        self._workflows_commit = ""
        self._recipes: dict[tuple[str, str], Recipe] = {}
        self._paths: dict[str, GoldenPath] = {}
        """What was read once; a fleet asks for the same again and again."""
        self._checked: set[str] = set()
        """Ports whose tools and credentials are there."""
        self.wait: Wait = lambda _, seconds: time.sleep(seconds)
        """How backends wait whose servers ask for patience."""

    @cached_property
    def action_points(self) -> Mapping[str, EntryPoint]:
        """Every action by the name in `uses`."""
        return plugins.points("platformctl.actions")

    @cached_property
    def ports(self) -> Mapping[str, Any]:
        """The backend behind each port, made when first asked for."""
        return Ports(self.config, self.home, self._waits)

    def _waits(self, why: str, seconds: float) -> None:
        self.wait(why, seconds)

    @property
    def known_ports(self) -> Sequence[str]:
        """Every port that a backend is installed for, sorted."""
        return sorted({point.partition(".")[0] for point in plugins.points("platformctl.backends")})

    def usage(self) -> Sequence[Usage]:
        """What was asked of servers until now."""
        made = [backend.usage() for backend in self.ports.values() if isinstance(backend, Metered)]
        return [usage for usage in made if usage.requests]

    def action_class(self, uses: str) -> Any:
        """An action's class. Raises KeyError with the names there are, `ToolFailed` for one that is no action."""
        if uses not in self.action_points:
            raise KeyError(", ".join(sorted(self.action_points)))
        return plugins.load(self.action_points[uses])

    def action(self, uses: str, folders: tuple[Path, ...]) -> Any:
        """An action with its port, or with the recipe's folders."""
        if (uses, folders) not in self._actions:
            kind = self.action_class(uses)
            given = folders if hasattr(kind, "render") else (self.ports[kind.PORT],)
            self._actions[uses, folders] = kind(*given)
        return self._actions[uses, folders]

    def clone(self, folder: Path) -> Any:
        """A person's clone, read like the forge. Raises `BadInput` where there is none, `NoAccess` without git."""
        from platformctl.backends.forge.clone import Clone

        return Clone(folder)

    def driver(self, name: str) -> Any:
        """The class of a driver. Raises `BadRecipe` with the names there are."""
        points = plugins.points("platformctl.drivers")
        if name not in points:
            raise BadRecipe(f"there is no driver {name!r}; known: {', '.join(sorted(points)) or 'none'}")
        return points[name].load()

    def check(self, recipe: Recipe, answers: Mapping[str, Json], *, writes: bool = True) -> None:
        """Raise, before anything is written, what would stop a recipe in the middle.

        `NoAccess` when a backend of it lacks a tool or a credential, and for a secret that would have to be written and
        is not there; `BadInput` for a team that there is not, `BadConfig` for one that has no paging reference where
        the recipe pages somebody.
        """
        used = {kind.PORT for step in recipe.steps if hasattr(kind := self.action_class(step.uses), "PORT")}
        for port in sorted(used - self._checked):
            self.ports[port].check()
            self._checked.add(port)
        asked = {path for given in recipe.references.values() for path in given}
        if writes and ("platform", "pipeline", "secrets") in asked:
            self._check_secrets()
        if isinstance(given := answers.get("team"), str):
            team = self.config.team(given)
            if ("platform", "team", "paging") in asked and not team.paging:
                raise BadConfig(
                    f"team {team.slug} has no paging reference",
                    where=self.config.where("teams", self.config.place_of(team)),
                    hint="Give it paging: env:NAME or paging: secret:KEY, never the key itself",
                )

    def _check_secrets(self) -> None:
        for name, reference in self.config.data["ci"]["secrets"].items():
            try:
                self.ports["forge"].check_secret(reference)
            except NoAccess as missing:
                what = f"{missing.where}: {missing.what}" if missing.where else missing.what
                raise NoAccess(
                    f"the secret {name}: {what}",
                    where=self.config.where("ci", "secrets", name),
                    hint="Set what it refers to, or take it out of ci.secrets",
                ) from None

    def golden_paths(self) -> Mapping[str, GoldenPath]:
        """Every golden path that this platform offers."""
        return golden_path.find_all(self._roots)

    def golden_path(self, name: str) -> GoldenPath:
        """One golden path."""
        if name not in self._paths:
            self._paths[name] = golden_path.find(self._roots, name)
        return self._paths[name]

    def version_folder(self, name: str, version: str = "") -> Path:
        """The folder of a golden path's version, the newest that is offered by default. Raises `NotFound`."""
        return self.golden_path(name).version_folder(version)

    def recipe(self, name: str, version: str = "") -> Recipe:
        """A checked recipe, the newest that is offered by default. Raises `BadRecipe`, also when a release changed."""
        if (name, version) not in self._recipes:
            self._recipes[name, version] = self._recipe(name, version)
        return self._recipes[name, version]

    def _recipe(self, name: str, version: str) -> Recipe:
        folder = self.version_folder(name, version)
        self.golden_path(name).check(folder.name, self.version_folder)
        loaded = recipe.load(folder, self.action_class, FACTS, self.version_folder)
        if (loaded.path, loaded.version) != (name, folder.name):
            raise BadRecipe(
                f"it says {loaded.path} {loaded.version} and stands in {name}/{folder.name}",
                where=str(folder / "recipe.yaml"),
            )
        return loaded

    @property
    def _roots(self) -> list[Path]:
        return [*self.config.golden_paths, golden_path.shipped()]

    def standing(self, plane: Plane) -> Standing:
        """Whether what is made on a plane is live or rendered only."""
        if plane is Plane.DELIVERY and not self.ports["forge"].RUNS_WORKFLOWS:
            return Standing(False, "the embedded forge runs no workflows")
        if plane is Plane.RESOURCE and not self.config.data["cluster"]["watched_by"]:
            return Standing(False, "no cluster watches it yet")
        if plane is Plane.MONITORING and not self.config.data["grafana"]["url"]:
            return Standing(False, "no Grafana or Prometheus reads it yet")
        return Standing(True)

    @cached_property
    def modules_tag(self) -> str:
        """The tag of the modules with this organisation's settings in them."""
        text = json.dumps(self.config.settings, sort_keys=True)
        return f"{self.workflows_tag}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @cached_property
    def workflows_tag(self) -> str:
        """The tag of the organisation's repositories: the version of their golden path."""
        return f"v{self.golden_path(ORGANISATION).latest}"

    @property
    def workflows_commit(self) -> str:
        """The commit that the workflows' tag stands on, for good; empty until there is one."""
        if not self._workflows_commit:
            self._workflows_commit = self.ports["forge"].release(WORKFLOWS, self.workflows_tag)
        return self._workflows_commit

    @property
    def prepared(self) -> bool:
        """Whether the organisation's own repositories are there, with these settings."""
        return bool(self.workflows_commit and self.ports["forge"].release(MODULES, self.modules_tag))

    @property
    def prepared_now(self) -> bool:
        """The same, asked of the forge whatever is remembered."""
        forge = self.ports["forge"]
        tags = ((WORKFLOWS, self.workflows_tag), (MODULES, self.modules_tag))
        return all(forge.head(repository, f"refs/tags/{tag}") for repository, tag in tags)

    def facts(self, answers: Mapping[str, Json]) -> Mapping[str, Any]:
        """The values of `${{ platform.x }}` for these answers."""
        config = self.config
        modules = self.ports["forge"].clone_url(MODULES)
        facts: dict[str, Any] = {
            "organisation": config.organisation,
            "registry": config.registry,
            "attest": config.data["ci"]["attest"],
            "settings": config.settings,
            "visibility": config.data["forge"]["visibility"],
            "bypass": config.data["forge"]["bypass"],
            "catalog": {"repository": CATALOG if config.data["catalog"]["kind"] == "repository" else ""},
            "modules": {
                "repository": MODULES,
                "tag": self.modules_tag,
                **{name: f"git::{modules}//{name}?ref={self.modules_tag}" for name in ("service", "worker")},
            },
            "workflows": {
                "repository": WORKFLOWS,
                "full_name": f"{config.organisation}/{WORKFLOWS}",
                "tag": self.workflows_tag,
                "commit": self._prepared.workflows_commit,
            },
            "pipeline": {
                "variables": config.data["ci"]["variables"],
                "secrets": config.data["ci"]["secrets"],
                "given": bool(config.data["ci"]["variables"] or config.data["ci"]["secrets"]),
                "environments": config.data["ci"]["environments"],
                "apply": config.data["ci"].get("apply", {}),
            },
            "environments": {
                "repository": ENVIRONMENTS,
                "full_name": f"{config.organisation}/{ENVIRONMENTS}",
            },
        }
        if isinstance(given := answers.get("team"), str):
            team = config.team(given)
            facts["team"] = {
                "slug": team.slug,
                "name": team.name,
                "on_call": team.on_call,
                "paging": team.paging,
                "access": {team.slug: team.permission},
            }
        return facts


def _redirected(config: Config, home: Home, scratch: Home) -> Config:
    """Lets Terraform fetch modules from a scratch forge by the addresses that they will have."""
    environment = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{scratch.path.as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{home.path.as_uri()}/",
    }
    return Config(
        {**config.data, "terraform": {**config.data["terraform"], "environment": environment}},
        config.source,
        config.document,
    )
