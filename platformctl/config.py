"""`platform.yaml` read into a `Config`; without one, the embedded local platform."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from platformctl.document import Document
from platformctl.errors import BadConfig, BadInput
from platformctl.home import Home
from platformctl.inputs import complete
from platformctl.model import Json
from platformctl.schemas import schema

FILE: Final = "platform.yaml"
EMBEDDED: Final = "local"
"""The organisation's name while there is no platform.yaml."""

FACTS: Final[Mapping[str, str]] = {
    "organisation": "The organisation's name on the forge.",
    "registry": "Where images go.",
    "attest": "Whether provenance is attested.",
    "settings": "What Terraform modules read as `local.organisation`.",
    "visibility": "Who sees the organisation's own repositories.",
    "bypass": "Who may write to protected branches without review.",
    "catalog.repository": "The repository of the catalog; empty where it is kept elsewhere.",
    "team.slug": "The team of the input `team`, on the forge.",
    "team.name": "The team's name as people read it.",
    "team.on_call": "Where to reach who is on call.",
    "team.paging": "The reference to the team's paging key.",
    "team.access": "The team's permission, as `repository` takes it.",
    "modules.repository": "The repository of Terraform modules.",
    "modules.tag": "The tag of the modules with this organisation's settings.",
    "modules.service": "The address of the module `service` as Terraform takes it.",
    "modules.worker": "The same of the module `worker`.",
    "workflows.repository": "The repository of reusable workflows.",
    "workflows.full_name": "The same with the organisation before it.",
    "workflows.tag": "The tag of the reusable workflows.",
    "workflows.commit": "The commit that the tag stands on.",
    "pipeline.variables": "The variables of `ci.variables`.",
    "pipeline.secrets": "The references of `ci.secrets`.",
    "pipeline.given": "Whether there are any of the two.",
    "pipeline.environments": "Whether repositories have deployment environments.",
    "pipeline.apply": "How CI applies a record that was changed, as `ci.apply` says; empty where it does not.",
    "environments.repository": "The repository that a GitOps controller watches.",
    "environments.full_name": "The same with the organisation before it.",
}
"""What `${{ platform.NAME }}` can name in a recipe."""

_KEPT: Final[Mapping[str, Sequence[str]]] = {
    "developer": ("catalog",),
    "resource": ("terraform",),
    "monitoring": ("terraform", "grafana", "alerting"),
}
"""By plane: the ports that may keep on one machine what the plane needs."""


@dataclass(frozen=True)
class Team:
    """Who owns a service."""

    slug: str
    name: str
    on_call: str
    permission: str
    paging: str
    """A reference, never a key; empty when the platform has none for the team."""
    automerge: bool = False
    """Whether a campaign may merge what it has proposed and what needs nobody."""


@dataclass(frozen=True)
class Config:
    """An organisation's platform, with defaults filled in."""

    data: Mapping[str, Any]
    source: Path | None
    """The file, or None for the embedded platform."""
    document: Document | None = None

    def where(self, *at: str | int) -> str:
        """The file and line of a field, for errors."""
        return self.document.where(*at) if self.document else "the embedded platform"

    @property
    def organisation(self) -> str:
        """The organisation's name."""
        return str(self.data["organisation"])

    @property
    def registry(self) -> str:
        """Where images go."""
        return str(self.data.get("registry", f"registry.localhost/{self.organisation}")).rstrip("/")

    @property
    def settings(self) -> Mapping[str, Json]:
        """What Terraform modules read as `local.organisation`."""
        cluster, secrets = self.data["cluster"], self.data["secrets"]
        return {
            "name": self.organisation,
            "registry": self.registry,
            "gateway_namespace": cluster["gateway_namespace"],
            "monitoring_namespace": cluster["monitoring_namespace"],
            "otlp": {"namespace": cluster["otlp_namespace"], "port": cluster["otlp_port"]},
            "secrets": {"key_prefix": self.organisation, **secrets},
            "iam": dict(self.data["iam"]),
        }

    def kind(self, port: str) -> str:
        """The backend that platform.yaml chooses for a port; empty where it has no field for the port."""
        section = self.data.get(port, {})
        return str(section.get("kind", ""))

    @property
    def tools_folder(self) -> Path | None:
        """Where the programs are that run beside a service; None: on PATH. Raises `BadConfig` when it is no folder."""
        folder = self.data["tools"].get("folder")
        if folder and not Path(folder).is_dir():
            raise BadConfig(f"there is no folder {folder}", where=self.where("tools", "folder"))
        return Path(folder) if folder else None

    @property
    def golden_paths(self) -> Sequence[Path]:
        """The organisation's own golden paths."""
        base = self.source.parent if self.source else Path()
        return [(base / folder).resolve() for folder in self.data.get("golden_paths", ())]

    @property
    def trusted(self) -> Sequence[str]:
        """Golden paths whose migrations may run scripts."""
        given: Sequence[str] = self.data.get("trusted_paths", ())
        return given

    def team(self, given: str) -> Team:
        """The team with this slug or name. Raises `BadInput` naming those there are.

        A platform without `teams:` accepts every team; its slug is made from its name, and the reference to its key
        from the slug.
        """
        teams = self.data.get("teams")
        if teams is None:
            slug = _slug(given)
            return Team(slug, given, "", "maintain", f"secret:{slug}")
        for team in teams:
            if given in (team["slug"], team.get("name")):
                name = team.get("name", team["slug"])
                return Team(team["slug"], name, team["on_call"], team["permission"], team["paging"], team["automerge"])
        known = ", ".join(team["slug"] for team in teams) or "none yet"
        raise BadInput(f"team: there is no team {given!r}", hint=f"Teams in {self.source}: {known}")

    def place_of(self, team: Team) -> int:
        """Where a team stands in `teams:`."""
        return [known["slug"] for known in self.data["teams"]].index(team.slug)


def place(home: Home) -> Path:
    """Where the platform's file is, or would be: as `PLATFORMCTL_PLATFORM` says, else in the home folder."""
    named = os.environ.get("PLATFORMCTL_PLATFORM")
    return Path(named).expanduser().absolute() if named else home.path / FILE


def load(home: Home, *, new: bool = False) -> Config:
    """The platform named by `PLATFORMCTL_PLATFORM`, else the home folder's, else the embedded one.

    With `new`, what is named need not be there yet. Raises `BadConfig` with file and line.
    """
    home.check()
    file = place(home)
    if not file.is_file():
        named = os.environ.get("PLATFORMCTL_PLATFORM")
        if named and (file.exists() or not new):
            hint = "PLATFORMCTL_PLATFORM names it; platformctl init makes one"
            raise BadConfig("there is no such file", where=named, hint=hint)
        return Config(_complete({"schema": 1, "organisation": EMBEDDED}), None)
    return load_file(file)


def load_file(file: Path) -> Config:
    """The platform in this file. Raises `BadConfig` with file and line."""
    return of_document(Document.load(file), file)


def of_document(document: Document, file: Path) -> Config:
    """The platform in a text that stands, or will stand, in this file. Raises `BadConfig` with file and line."""
    document.check(schema("platform"))
    slugs: set[str] = set()
    for index, team in enumerate(document.data.get("teams", ())):
        if names := slugs & {team["slug"], team.get("name", team["slug"])}:
            raise BadConfig(f"there are two teams {min(names)!r}", where=document.where("teams", index))
        slugs |= {team["slug"], team.get("name", team["slug"])}
    for index, folder in enumerate(document.data.get("golden_paths", ())):
        if not (file.parent / folder).is_dir():
            raise BadConfig(f"there is no folder {folder!r}", where=document.where("golden_paths", index))
    whole = _complete(document.data)
    _check_apply(whole, document)
    return Config(_located(whole, file.parent), file, document)


def _check_apply(data: Mapping[str, Any], document: Document) -> None:
    """Raise `BadConfig` when `ci.apply` would have a runner change what is kept on another machine."""
    apply = data["ci"].get("apply", {})
    for plane in apply.get("planes", _KEPT) if apply else ():
        for port in _KEPT.get(plane, ()):
            if _on_one_machine(data[port]):
                share = (
                    "a backend that is shared" if port == "terraform" else "a server, or a whole path that is mounted"
                )
                raise BadConfig(
                    f"ci.apply: a runner cannot apply the plane {plane}, because {port} is kept on one machine",
                    where=document.where("ci", "apply", "planes"),
                    hint=f"Give {port} {share}, or leave {plane} out of ci.apply.planes",
                )


def _on_one_machine(section: Mapping[str, Any]) -> bool:
    """Whether a port's backend keeps what it knows in the home folder, or in a folder beside platform.yaml."""
    if section["kind"] == "cli":
        return bool(section.get("backend", {}).get("kind", "local") == "local")
    return section["kind"] == "files" and not Path(section.get("folder", "")).is_absolute()


def _complete(data: Mapping[str, Json]) -> Mapping[str, Any]:
    known = schema("platform")["properties"]
    sections = [name for name, part in known.items() if "properties" in part]
    whole = complete(schema("platform"), {**{name: {} for name in sections}, **data})
    if "teams" in whole:
        team = schema("platform")["properties"]["teams"]["items"]
        whole["teams"] = [complete(team, given) for given in whole["teams"]]
    return whole


def _located(data: Mapping[str, Any], base: Path) -> Mapping[str, Any]:
    """The same with backends' folders as they are from anywhere."""
    located = dict(data)
    for name, part in data.items():
        if isinstance(part, dict) and "folder" in part:
            located[name] = {**part, "folder": str((base / Path(part["folder"]).expanduser()).resolve())}
    return located


_SLUG: Final = re.compile(r"[a-z]([a-z0-9-]{0,37}[a-z0-9])?")


def _slug(name: str) -> str:
    if _SLUG.fullmatch(name):
        return name
    from slugify import slugify

    slug: str = slugify(name, max_length=39).strip("-")
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"team: {name!r} has no letter to make a slug from", hint="Give the team's slug")
    return slug
