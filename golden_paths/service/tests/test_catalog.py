"""The catalog entry is one that Backstage takes: by its own JSON Schemas, and by its rules for fields, which are code.

The schemas are in `backstage/`, as they ship. The rules are those of its FieldFormatEntityPolicy, written anew here.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from platformctl.backends.catalog.files import CatalogFiles
from platformctl.config import Config
from platformctl.engine.plan import plan_step
from platformctl.engine.request import Request
from platformctl.errors import BadInput
from platformctl.home import Home
from platformctl.inputs import complete
from platformctl.model import Owner, Step, Tree
from platformctl.recipe import Recipe
from platformctl.wiring import Wiring

HERE: Final = Path(__file__).parent
PATHS: Final = HERE.parents[1]
WIRING: Final = Wiring(Config({"golden_paths": [str(PATHS)]}, None), Home(Path(os.devnull)))
FIXED: Final[dict[str, Any]] = yaml.safe_load((PATHS / "tests" / "platform.yaml").read_text(encoding="utf-8"))
GRIDS: Final[dict[str, dict[str, Any]]] = {
    path: yaml.safe_load((PATHS / path / "tests" / "grid.yaml").read_text(encoding="utf-8"))["cases"]
    for path in ("service", "worker")
}
every_case = pytest.mark.parametrize(("path", "case"), [(path, case) for path in GRIDS for case in GRIDS[path]])

ON_DISK: Final[dict[str, Any]] = {
    "repository": {
        "url": "/home/a user/forge/acme/é payments-api.git",
        "files_url": "file:///home/a%20user/forge/acme/%C3%A9%20payments-api.git#main:",
    },
    "grafana_dashboard": {
        "url": "/home/a user/grafana/acme/svc-payments-api.json",
        "link": "/home/a user/grafana/acme/svc-payments-api.json",
    },
}
"""What the embedded platform gives: paths, and no address of a Grafana."""


@cache
def recipe_of(path: str) -> Recipe:
    """The newest version's, which has all cases of the grid, whether it is released or not."""
    return WIRING.recipe(path, WIRING.golden_path(path).versions[-1])


def platform_of(path: str, case: str) -> dict[str, Any]:
    """The platform of a case."""
    given = GRIDS[path][case].get("platform", {})
    return {**FIXED["platform"], **given, "team": {**FIXED["platform"]["team"], **given.get("team", {})}}


def answers_of(path: str, case: str) -> dict[str, Any]:
    """Every answer of a case."""
    return complete(recipe_of(path).inputs, GRIDS[path][case]["answers"])


def step_of(path: str) -> Step:
    """The step that renders the entry."""
    (step,) = (step for step in recipe_of(path).steps if step.uses == "catalog_entity")
    return step


def render(path: str, case: str, outputs: Mapping[str, Any] | None = None, **inputs: Any) -> tuple[str, Tree]:
    """The catalog-info.yaml of a case, and the files of the scaffold beside it."""
    recipe = recipe_of(path)
    request = Request(recipe, answers_of(path, case), platform_of(path, case), WIRING.action)
    trees = {step.id: plan_step(request, step, {}).outputs for step in recipe.steps if step.uses == "scaffold"}
    step = replace(step_of(path), arguments={**step_of(path).arguments, **inputs})
    files = plan_step(request, step, {**FIXED["outputs"], **(outputs or {}), **trees}).outputs["files"]
    scaffold = {name: file for tree in trees.values() for name, file in tree["files"].items()}
    return files["catalog-info.yaml"].content.decode(), scaffold


def entities(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


@cache
def validators() -> dict[str, Draft7Validator]:
    """Backstage's schemas, by kind."""
    loaded = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((HERE / "backstage").glob("*.json"))]
    registry = Registry().with_resources((schema["$id"], DRAFT7.create_resource(schema)) for schema in loaded)
    return {
        schema["$id"].removesuffix("V1alpha1").lower(): Draft7Validator(schema, registry=registry) for schema in loaded
    }


NAME: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
LABEL: Final = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
TAG: Final = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
REFERENCE: Final = re.compile(r"(component|group|system|api):([a-z0-9-]+)/([A-Za-z0-9._-]+)")


def is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 63 and bool(NAME.fullmatch(value))


def is_key(value: str) -> bool:
    """`name`, or `prefix/name` with a domain name for a prefix."""
    prefix, slash, name = value.rpartition("/")
    domain = all(LABEL.fullmatch(part) and len(part) <= 63 for part in prefix.split("."))
    return is_name(name) and (not slash or (domain and len(prefix) <= 253))


def is_url(value: object) -> bool:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    parts = urlsplit(value)
    return bool(parts.hostname) if parts.scheme in ("http", "https") else parts.scheme == "file"


def problems(entity: dict[str, Any]) -> Iterator[str]:
    """What Backstage would refuse in an entity."""
    validator = validators().get(str(entity.get("kind")).lower())
    if validator is None:
        yield f"kind {entity.get('kind')}"
        return
    for found in validator.iter_errors(entity):
        yield f"schema: {'.'.join(map(str, found.absolute_path))}: {found.message}"
    about = entity["metadata"]
    yield from (f"field {key}" for key in entity if key not in ("apiVersion", "kind", "metadata", "spec"))
    if not is_name(about.get("name")):
        yield "name"
    for key, value in {**about.get("annotations", {}), **about.get("labels", {})}.items():
        if not is_key(key) or not isinstance(value, str):
            yield f"annotation {key}"
    yield from (f"label {key}" for key, value in about.get("labels", {}).items() if value and not is_name(value))
    yield from (f"tag {tag}" for tag in about.get("tags", ()) if len(tag) > 63 or not TAG.fullmatch(tag))
    for link in about.get("links", ()):
        if not is_url(link["url"]) or not all(str(value).strip() for value in link.values()):
            yield f"link {link}"
    spec = entity["spec"]
    refs = [*spec.get("dependsOn", ()), *filter(None, [spec.get("owner")])]
    yield from (f"reference {ref}" for ref in refs if not REFERENCE.fullmatch(str(ref)))


@pytest.mark.parametrize("outputs", [{}, ON_DISK], ids=["on the web", "on this disk"])
@every_case
def test_backstage_takes_it(path: str, case: str, outputs: Mapping[str, Any]) -> None:
    text, _ = render(path, case, outputs)
    found = entities(text)
    assert [entity["kind"] for entity in found] == ["Component", *(["API"] if path == "service" else [])]
    assert [problem for entity in found for problem in problems(entity)] == []
    assert render(path, case, outputs)[0] == text


def test_backstage_takes_the_list_of_all(tmp_path: Path) -> None:
    catalog = CatalogFiles(tmp_path, tmp_path / "lock", "acme")
    catalog.register("payments-api", render("service", "defaults")[0], Owner("payments-api", "run"), "")
    (location,) = entities((tmp_path / "all.yaml").read_text(encoding="utf-8"))
    assert list(problems(location)) == []
    assert all((tmp_path / target).is_file() for target in location["spec"]["targets"])


@every_case
def test_it_says_what_the_service_was_made_with(path: str, case: str) -> None:
    answers, platform = answers_of(path, case), platform_of(path, case)
    text, files = render(path, case)
    component, *apis = entities(text)
    about, spec, notes = component["metadata"], component["spec"], component["metadata"]["annotations"]
    assert (about["name"], about.get("description", "")) == (answers["name"], answers["description"])
    assert notes.get("platformctl/on-call", "") == platform["team"]["on_call"]
    assert (notes["platformctl/tier"], notes["platformctl/visibility"]) == (answers["tier"], answers["visibility"])
    assert (spec["type"], notes["platformctl/golden-path"]) == (path, path)
    owners = {entity["spec"]["owner"] for entity in (component, *apis)}
    assert owners == {f"group:default/{platform['team']['slug']}"}
    named = f"@{platform['organisation']}/{platform['team']['slug']}"
    (owners,) = (file for place, file in files.items() if place.endswith("CODEOWNERS"))
    assert owners.content.decode().split() == ["*", named]
    assert sorted(spec.get("dependsOn", [])) == sorted(f"component:default/{name}" for name in answers["depends_on"])
    assert spec.get("providesApis", []) == [api["metadata"]["name"] for api in apis]
    assert [json.loads(api["spec"]["definition"])["openapi"] for api in apis] == ["3.1.0"] * len(apis)


def test_on_the_embedded_platform_places_are_files() -> None:
    about = entities(render("service", "defaults", ON_DISK)[0])[0]["metadata"]
    place = "file:///home/a%20user/forge/acme/%C3%A9%20payments-api.git"
    assert about["annotations"]["backstage.io/source-location"] == place
    dashboard = "file:///home/a%20user/grafana/acme/svc-payments-api.json"
    assert [link["url"] for link in about["links"]] == [place, f"{place}#main:docs/runbook.md", dashboard]


@pytest.mark.parametrize(
    ("environments", "lifecycle"), [(["staging"], "experimental"), (["staging", "production"], "production")]
)
def test_its_lifecycle_follows_from_where_it_runs(environments: list[str], lifecycle: str) -> None:
    found = entities(render("service", "defaults", environments=environments)[0])
    assert {entity["spec"]["lifecycle"] for entity in found} == {lifecycle}


REFERENCES: Final = {
    "answer name": ["${{ inputs.name }}"],
    "answer description": ["${{ inputs.description }}"],
    "answer tier": ["${{ inputs.tier }}"],
    "answer visibility": ["${{ inputs.visibility }}"],
    "answer depends_on": ["${{ inputs.depends_on }}"],
    "answers language and tier": ["${{ inputs.language }}", "${{ inputs.tier }}"],
    "the platform's team": ["${{ platform.team.on_call }}"],
    "the golden path": ["${{ recipe.path }}", "${{ recipe.version }}"],
    "output of repository": ["${{ steps.repository.outputs.url }}", "${{ steps.repository.outputs.files_url }}"],
    "output of grafana_dashboard": ["${{ steps.grafana_dashboard.outputs.link }}"],
    "CODEOWNERS": [],
    ".github/CODEOWNERS": [],
    "production when that is among the environments": [],
}
"""What each comment says, as the recipe says it."""

_VALUE: Final = re.compile(r"^ *(?:- )?[A-Za-z./-]+:(?: (?P<text>.+?))??(?: # (?P<source>[^#\"]+))?$")


@every_case
def test_every_value_says_where_it_comes_from_and_the_recipe_agrees(path: str, case: str) -> None:
    given = json.dumps(step_of(path).arguments)
    said = set()
    for line in render(path, case)[0].splitlines():
        found = _VALUE.match(line)
        if line.startswith("#") or line == "---" or line.lstrip().startswith('- "'):
            continue
        assert found, line
        if found["text"] and found["text"].startswith('"'):
            assert found["source"], f"nobody says where this comes from: {line}"
        if found["source"]:
            said.add(found["source"])
    assert said <= REFERENCES.keys()
    for source in said:
        for reference in REFERENCES[source]:
            assert reference in given, f"the file says {source!r}; the recipe does not give {reference}"


def test_a_service_cannot_depend_on_itself() -> None:
    with pytest.raises(BadInput, match="payments-api cannot depend on itself"):
        render("service", "defaults", depends_on=["ledger-api", "payments-api"])


BROKEN: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "no owner": lambda entity: entity["spec"].pop("owner"),
    "an owner that is no team": lambda entity: entity["spec"].update(owner="the payments people"),
    "another kind": lambda entity: entity.update(kind="Componet"),
    "another version": lambda entity: entity.update(apiVersion="backstage.io/v2"),
    "no lifecycle": lambda entity: entity["spec"].pop("lifecycle"),
    "a long name": lambda entity: entity["metadata"].update(name="a" * 64),
    "a name with a space": lambda entity: entity["metadata"].update(name="a b"),
    "a tag in capitals": lambda entity: entity["metadata"]["tags"].append("Python"),
    "a tag with an underscore": lambda entity: entity["metadata"]["tags"].append("tier_batch"),
    "an annotation that is no text": lambda entity: entity["metadata"]["annotations"].update(x=1),
    "an annotation with two slashes": lambda entity: entity["metadata"]["annotations"].update({"a/b/c": ""}),
    "a path for a link": lambda entity: entity["metadata"]["links"][0].update(url="/home/x/forge/x.git"),
    "a link without a host": lambda entity: entity["metadata"]["links"][0].update(url="https:///x"),
    "a link without a title": lambda entity: entity["metadata"]["links"][0].update(title=" "),
    "a bare name to depend on": lambda entity: entity["spec"].update(dependsOn=["ledger-api"]),
    "a text to depend on": lambda entity: entity["spec"].update(dependsOn="component:default/ledger-api"),
    "a field of another's": lambda entity: entity.update(status={}),
}


@pytest.mark.parametrize("mutation", BROKEN)
def test_what_backstage_would_refuse_is_found(mutation: str) -> None:
    component = copy.deepcopy(entities(render("service", "everything-said")[0])[0])
    assert list(problems(component)) == []
    BROKEN[mutation](component)
    assert list(problems(component)) != []
