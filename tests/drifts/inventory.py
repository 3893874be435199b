"""What stands for the service, by address and part: read from files and git, and never by platformctl.

A part's value is whatever tells whether it has changed. Parts of mappings are told apart, as `settings.merge`; what
stands in an `Atom` is one part, whatever is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.drifts import people
from tests.drifts.case import Name
from tests.newest import SERVICE as NEWEST

if TYPE_CHECKING:
    from tests.drifts.stand import Stand

Inventory = Mapping[str, Mapping[str, Any]]

SHARED: Final = ("alerting/payments-api/staging", "shared configuration")
TEXT: Final = "catalog-info.yaml"
RECORD: Final = ".platformctl.yaml"
_PATHS: Final = Path(__file__).parents[2] / "golden_paths"
_COUNTED: Final = ("panels", "id", "version", "iteration")
_DEFAULTS: Final = {"editable": True, "fiscalYearStartMonth": 0, "links": []}
"""What Grafana takes where it is left out."""
_SETTINGS: Final = ("description", "topics", "visibility", "default_branch", "merge", "security_updates", "archived")


@dataclass(frozen=True)
class Atom:
    """A value that is looked at as a whole."""

    value: str

    @classmethod
    def of(cls, value: Any) -> Atom:
        return cls(json.dumps(value, sort_keys=True, default=str))


def inventory(stand: Stand) -> Inventory:
    """Every address that stands, with its parts."""
    found: dict[str, dict[str, Any]] = {
        **stand.forge_parts(),
        "files/payments-api": _files(stand),
        "manifests/environments/staging/payments-api": _manifests(stand),
        "terraform/payments-api/staging": _terraform(stand.home / "terraform/acme/payments-api-staging"),
        "grafana/dashboard/svc-payments-api": stand.dashboard_parts(),
        "alerting/payments-api/staging": _alerting(stand.home / "monitoring/acme"),
        "catalog/component/payments-api": stand.component_parts(),
    }
    return {address: parts for address, parts in found.items() if parts and any(part != {} for part in parts.values())}


def differing(wanted: Inventory, found: Inventory) -> set[Name]:
    """The parts in which two inventories differ; an address that is not there is one part."""
    names: set[Name] = set()
    for address in wanted.keys() | found.keys():
        if (address in wanted) != (address in found):
            names.add((address, ""))
            continue
        parts = {part for part in _differing(wanted[address], found[address]) if part}
        parts = _of_catalog(parts) if address.startswith("catalog/") else parts
        names |= {(address, part) for part in _of_panels(parts, wanted[address], found[address])}
    return names


def _of_panels(parts: set[str], wanted: Mapping[str, Any], found: Mapping[str, Any]) -> set[str]:
    """Without where panels stand when one comes or goes: that follows."""
    if any(part.startswith("panel ") and (part in wanted) != (part in found) for part in parts):
        return parts - {"panels"}
    return parts


def _of_catalog(parts: set[str]) -> set[str]:
    """Without the text when its fields are told, without its fields when it cannot be read any more."""
    if "unreadable" in parts:
        return parts & {TEXT, "listing"}
    return parts - {TEXT} if parts - {TEXT, "listing"} else parts


def _differing(wanted: Any, found: Any, part: str = "") -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in wanted.keys() | found.keys():
            here = f"{part}.{key}" if part else key
            if key in wanted and key in found:
                yield from _differing(wanted[key], found[key], here)
            else:
                yield here
    elif wanted != found:
        yield part


@cache
def managed() -> tuple[str, ...]:
    """The globs of files that equal the render, as the newest recipe and those that it extends have them."""
    globs: list[str] = []
    for recipe in reversed([*_recipes("service", NEWEST)]):
        place = ["steps", "files", "with", "managed"]
        dropped = {name for *where, name in recipe.get("drops", ()) if where == place}
        own = [step["with"].get("managed", []) for step in recipe.get("steps", ()) if step["id"] == "files"]
        globs = [*(glob for glob in globs if glob not in dropped), *(glob for some in own for glob in some)]
    return tuple(globs)


def _recipes(path: str, version: str) -> Iterator[dict[str, Any]]:
    """A recipe, the one that it extends, and so on."""
    recipe = yaml.safe_load((_PATHS / path / version / "recipe.yaml").read_text())
    yield recipe
    if "extends" in recipe:
        yield from _recipes(*recipe["extends"].split())


def is_managed(path: str) -> bool:
    """Whether a file equals the render."""
    return any(fnmatchcase(path, glob) for glob in managed())


def local_parts(repository: Path) -> dict[str, dict[str, Any]]:
    """What the embedded forge keeps of a repository beside its files."""
    meta = _json(repository / "platformctl.json")
    if not {"settings", "protection"} <= meta.keys():
        return {}
    return {
        "repository/payments-api": _settings(meta["settings"]),
        "pipeline_settings/payments-api": {part: meta.get(part, {}) for part in ("variables", "secrets")},
        "deployment_environment/payments-api/staging": meta.get("environments", {}).get("staging", {}),
        "branch_protection/payments-api/main": _protection(repository, meta["protection"]),
    }


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: settings[key] for key in _SETTINGS if key in settings}
    return {**kept, **({"teams": settings["teams"]} if "teams" in settings else {})}


def _files(stand: Stand) -> dict[str, str]:
    known = stand.pristine["files/payments-api"] if hasattr(stand, "pristine") else None
    found = people.entries(stand.repository())
    if RECORD in found:
        mode, _, blob = found[RECORD].partition(" ")
        text = people.git(stand.repository(), "cat-file", "blob", blob, lenient=True).decode(errors="replace")
        found[RECORD] = f"{mode} {json.dumps(_yaml(text), sort_keys=True)}"
    return {path: at for path, at in found.items() if is_managed(path) and (known is None or path in known)}


def _manifests(stand: Stand) -> dict[str, str]:
    found = people.entries(stand.repository("environments"), "refs/heads/main", "staging/payments-api")
    return {path: at for path, at in found.items() if path != "image/kustomization.yaml"}


def _terraform(folder: Path) -> dict[str, Any]:
    state = _json(folder / "terraform.tfstate")
    if not state.get("resources") and not state.get("outputs"):
        return {}
    record = _json(folder / "workspace.json")
    found: dict[str, Any] = {"module": record.get("source", ""), "variables": record.get("variables", {})}
    for item in state["resources"]:
        for instance in item["instances"]:
            address = f'{item["module"]}.{item["type"]}.{item["name"]}["{instance.get("index_key", "")}"]'
            attributes = instance["attributes"]
            found[address] = Atom.of([attributes.get("input"), attributes.get("triggers_replace")])
    return found


def dashboard_file(folder: Path) -> dict[str, Any]:
    """A dashboard that is a file, and what tells Grafana of it."""
    files = sorted(folder.glob("dashboards/*/svc-payments-api.json"))
    if not files:
        return {}
    provider = folder / "provisioning/dashboards/platformctl.yaml"
    told = {"provisioning": Atom(provider.read_text())} if provider.exists() else {}
    return {**dashboard_parts(_json(files[0])), "folder": files[0].parent.name, **told}


def dashboard_parts(dashboard: dict[str, Any]) -> dict[str, Any]:
    """A dashboard by its parts."""
    raw = dashboard.get("panels")
    panels = [panel for panel in raw if isinstance(panel, dict)] if isinstance(raw, list) else []
    return {
        **{key: value for key, value in dashboard.items() if value != _DEFAULTS.get(key) and key not in _COUNTED},
        **_by_title(panels),
        "panels": Atom.of([[panel.get("title"), panel.get("gridPos")] for panel in panels]),
    }


def _by_title(panels: list[dict[str, Any]]) -> dict[str, Atom]:
    """Without where they stand; a second one of a title has a number behind it."""
    found: dict[str, Atom] = {}
    for panel in panels:
        name = title = f"panel {panel.get('title')}"
        count = 1
        while name in found:
            count += 1
            name = f"{title} ({count})"
        found[name] = Atom.of({key: value for key, value in panel.items() if key not in ("gridPos", "id")})
    return found


def _alerting(folder: Path) -> dict[str, Any]:
    rules, routing = folder / "rules/staging/payments-api.yml", folder / "fragments/staging/payments-api.json"
    shared = folder / "alertmanager.yml"
    found: dict[str, Any] = {}
    if rules.is_file():
        found["rules"] = rules.read_bytes().decode(errors="replace")
    if routing.is_file():
        found["routing"] = _json(routing) or None
    if found and shared.exists():
        found[SHARED[1]] = shared.read_bytes().decode(errors="replace")
    return found


def component_file(folder: Path) -> dict[str, Any]:
    """A component that is a file, and whether it is listed."""
    file = folder / "components/payments-api.yaml"
    if not file.is_file():
        return {}
    text = file.read_bytes().decode(errors="replace")
    targets = _yaml((folder / "all.yaml").read_text() if (folder / "all.yaml").exists() else "")
    targets = (targets[0].get("spec") or {}).get("targets", ()) if targets else ()
    listed = {"listing": True} if "./components/payments-api.yaml" in targets else {}
    return {**component_text(text), **listed}


def component_text(text: str) -> dict[str, Any]:
    """A component's text by its fields."""
    entities = _yaml(text)
    if entities is None:
        return {TEXT: text, "unreadable": True}
    return {TEXT: text, **{str(one.get("kind", "")).lower(): one for one in entities}}


def _yaml(text: str) -> list[dict[str, Any]] | None:
    try:
        return [one for one in yaml.load_all(text, yaml.BaseLoader) if isinstance(one, dict)]
    except yaml.YAMLError:
        return None


def _protection(repository: Path, protection: Mapping[str, Any]) -> dict[str, Any]:
    if "main" not in protection:
        return {}
    hook, config = repository / "hooks/pre-receive", (repository / "config").read_text()
    there = hook.is_file() and bool(hook.stat().st_mode & 0o100)
    return {**protection["main"], "in_force": Atom.of([hook.read_text() if there else "", config])}


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(errors="replace"))
    except (ValueError, FileNotFoundError):
        return {}
    return found if isinstance(found, dict) else {}
