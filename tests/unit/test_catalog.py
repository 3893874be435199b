"""What is registered in the catalog, and the command that reads it back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Left, Undone
from platformctl.backends.catalog.files import CatalogFiles
from platformctl.engine.plan import make
from platformctl.engine.request import Request
from platformctl.errors import BadRecipe, Taken
from platformctl.model import Change, Drift, File, Owner, Plane, Planned, Step
from platformctl.recipe import Recipe
from platformctl.resources.catalog_registration import CatalogRegistration
from tests.conftest import Cli
from tests.unit.test_catalog_entity import entity
from tests.unit.test_dependencies import SHOP

ME = Owner("svc", "run-1")


@pytest.fixture
def catalog(tmp_path: Path) -> CatalogFiles:
    return CatalogFiles(tmp_path / "catalog", tmp_path / "lock", "acme")


def plan(catalog: CatalogFiles, **inputs: Any) -> tuple[CatalogRegistration, Planned]:
    action = CatalogRegistration(catalog)
    given = {"name": "svc", "files": {"catalog-info.yaml": File(entity().encode())}, **inputs}
    recipe = Recipe("p", "1.0.0", "d", {}, (Step("s", "catalog_registration", Plane.DEVELOPER, "s", given),))
    planned = make(Request(recipe, {"name": "svc"}, {}, lambda *_: action)).steps[0]
    return action, planned


def register(catalog: CatalogFiles, text: str = "") -> Change:
    action, planned = plan(catalog, files={"catalog-info.yaml": File((text or entity()).encode())})
    (change,) = planned.changes
    seen = action.apply(planned.inputs, replace(change, owner=ME)).observed
    assert seen is not None
    return replace(change, owner=ME, left=seen.revision)


def test_the_plan_names_what_the_catalog_does_not_know(catalog: CatalogFiles) -> None:
    catalog.register("known", "kind: Component", Owner("known", "r"), "")
    _, planned = plan(catalog, depends_on=["known", "ghost", "phantom"])
    assert planned.notes == (
        "svc depends on ghost, which is not in the catalog",
        "svc depends on phantom, which is not in the catalog",
    )


def test_it_says_where_it_is_before_it_is_there(catalog: CatalogFiles) -> None:
    _, planned = plan(catalog)
    assert planned.outputs == {"ref": "component:default/svc", "url": catalog.url("svc")}


def differences(catalog: CatalogFiles) -> list[tuple[str, str, str]]:
    return [(line.sign, line.what, line.text) for change in plan(catalog)[1].changes for line in change.differences]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("payments", "ledgers", ("~", "component.spec.owner", "group:default/ledgers → group:default/payments")),
        (" # CODEOWNERS", "", ("~", "catalog-info.yaml", "comments or layout")),
        ("kind: Component", "kind: [", ("~", "catalog-info.yaml", "not valid YAML")),
    ],
)
def test_a_hand_edit_is_drift(old: str, new: str, line: tuple[str, str, str], catalog: CatalogFiles) -> None:
    register(catalog)
    assert differences(catalog) == []
    file = Path(catalog.url("svc"))
    file.write_text(file.read_text().replace(old, new))
    assert differences(catalog) == [line]


def classes(catalog: CatalogFiles, text: str) -> dict[str, Drift]:
    """What differs from this text, with its class."""
    action, planned = plan(catalog, files={"catalog-info.yaml": File(text.encode())})
    return {
        line.what: action.drift(planned.inputs, change, line, planned.observed[change.address])  # type: ignore[arg-type]
        for change in planned.changes
        for line in change.differences
    }


def test_text_and_listing_are_told_with_how_they_came_to_differ(catalog: CatalogFiles) -> None:
    register(catalog)
    newer = entity(description="by now")
    assert set(classes(catalog, newer).values()) == {Drift.BEHIND}
    (Path(catalog.url("svc")).parents[1] / "all.yaml").unlink()
    assert classes(catalog, entity()) == {"listing": Drift.MISSING}
    assert classes(catalog, newer)["listing"] is Drift.MISSING and Drift.BEHIND in classes(catalog, newer).values()
    Path(catalog.url("svc")).write_text(entity(description="by hand"))
    assert set(classes(catalog, entity()).values()) == {Drift.OUT_OF_BAND, Drift.MISSING}


def test_a_lost_listing_is_drift_and_comes_back(catalog: CatalogFiles) -> None:
    register(catalog)
    (Path(catalog.url("svc")).parents[1] / "all.yaml").unlink()
    assert differences(catalog) == [("+", "listing", "the catalog does not list it")]
    repaired = register(catalog)
    assert differences(catalog) == []
    assert isinstance(CatalogRegistration(catalog).undo(repaired), Left)


def test_somebody_elses_file_is_taken(catalog: CatalogFiles) -> None:
    file = Path(catalog.url("svc"))
    file.parent.mkdir(parents=True)
    file.write_text("kind: Component\n")
    with pytest.raises(Taken, match="platformctl did not make it"):
        plan(catalog)


def test_files_without_an_entity_are_the_recipes_fault(catalog: CatalogFiles) -> None:
    with pytest.raises(BadRecipe, match=r"there is no catalog-info\.yaml"):
        plan(catalog, files={"README.md": File(b"")})


@pytest.mark.parametrize("known", [True, False], ids=["undo was killed", "the run was killed"])
def test_a_component_that_a_kill_left_unlisted_is_taken_back(known: bool, catalog: CatalogFiles) -> None:
    change = register(catalog)
    folder = Path(catalog.url("svc")).parents[1]
    (folder / "all.yaml").unlink()
    assert CatalogRegistration(catalog).undo(change if known else replace(change, left="")) == Undone()
    assert list(folder.iterdir()) == []


def test_a_component_that_was_changed_since_is_left(catalog: CatalogFiles) -> None:
    change = register(catalog)
    (Path(catalog.url("svc")).parents[1] / "all.yaml").unlink()
    Path(catalog.url("svc")).write_text(entity(description="by hand"))
    assert isinstance(CatalogRegistration(catalog).undo(change), Left)


def test_another_runs_registration_is_left(catalog: CatalogFiles) -> None:
    change = replace(register(catalog), left="", owner=Owner("svc", "another run"))
    assert isinstance(CatalogRegistration(catalog).undo(change), Left)
    assert catalog.entity("svc") is not None


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """A home with a catalog."""
    catalog = CatalogFiles.configured({"organisation": "local"}, cli.home)
    for name, others in {**SHOP, "loop-a": ["loop-b"], "loop-b": ["loop-a"]}.items():
        team = "web" if name == "web-shop" else "payments"
        text = entity(
            name=name,
            depends_on=others,
            description=f"It is {name}\n\x1b[2J",
            files=[{"CODEOWNERS": File(f"* @acme/{team}\n".encode())}],
            openapi="/openapi.json",
        )
        catalog.register(name, text, Owner(name, "run"), "")
    return cli


def test_an_empty_catalog_is_no_error(cli: Cli) -> None:
    assert cli.run("catalog", "list").stdout == "There is nothing in the catalog yet.\n"
    assert cli.result("catalog", "graph") == {"components": {}, "missing": {}, "cycles": []}
    assert not cli.home.exists()


def test_list_shows_what_there_is_and_whose(shop: Cli) -> None:
    (line,) = shop.run("catalog", "list", "--team", "web").stdout.splitlines()
    assert " ".join(line.split()) == "web-shop service web standard experimental It is web-shop \\x1b[2J"
    found = shop.result("catalog", "list")["components"]
    assert [one["name"] for one in found] == sorted([*SHOP, "loop-a", "loop-b"])
    assert found[0]["depends_on"] == ["ledger", "payments"]


def test_show_reads_it_back(shop: Cli) -> None:
    said = shop.run("catalog", "show", "web-shop").stdout
    assert "  ghost  not in the catalog\n" in said and "https://git.example.org/acme/svc" in said
    found = shop.result("catalog", "show", "ledger")
    assert (found["team"], found["environments"], found["depended_on_by"]) == (
        "payments",
        ["staging"],
        ["checkout", "payments"],
    )
    assert found["golden_path"] == "service 1.0.0" and found["provides_apis"] == ["ledger"]


def test_graph_shows_what_breaks(shop: Cli) -> None:
    said = shop.run("catalog", "graph", "ledger").stdout
    assert said.endswith("down\n  checkout\n  payments\n  web-shop  through checkout\n")
    assert "  loop-a → loop-b → loop-a\n" in shop.run("catalog", "graph").stdout
    data = shop.result("catalog", "graph", "ledger")
    assert data["components"]["ledger"]["breaks"] == ["checkout", "payments", "web-shop"]
    assert json.loads(shop.run("catalog", "graph", "ledger", "--format", "json").stdout) == data
    assert shop.run("catalog", "graph", "--format", "mermaid").stdout.startswith(
        'flowchart LR\n  n1["checkout<br/>payments"]\n'
    )
    assert shop.run("catalog", "graph", "--format", "dot").stdout.endswith(";\n}\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "web-shp"], "'web-shp' is not in the catalog. Did you mean web-shop?"),
        (["show", "zzz"], "'zzz' is not in the catalog. See platformctl catalog list"),
        (["graph", "zzz"], "'zzz' is not in the catalog"),
        (["graph", "--format", "svg"], "--format: 'svg' is not one of tree, mermaid, dot, json"),
    ],
)
def test_what_is_not_there_is_one_line(words: list[str], says: str, shop: Cli) -> None:
    done = shop.run("catalog", *words, code=2)
    assert says in done.stderr and len(done.stderr.splitlines()) == 1 and done.stdout == ""


def test_an_entity_that_cannot_be_read_is_named(shop: Cli) -> None:
    file = shop.home / "catalog" / "local" / "components" / "ledger.yaml"
    file.write_text("kind: [")
    assert f"{file}: not valid YAML" in shop.run("catalog", "list", code=2).stderr


@pytest.mark.parametrize(
    "text",
    ["", "- 1", "kind: Component", "kind: Component\nmetadata: x\nspec: []", "kind: Component\nmetadata: {name: [1]}"],
)
def test_entities_of_another_make_are_read_as_far_as_they_go(text: str, shop: Cli) -> None:
    (shop.home / "catalog" / "local" / "components" / "odd.yaml").write_text(text)
    assert len(shop.result("catalog", "list")["components"]) == 7


def test_entities_of_people_are_shown(shop: Cli) -> None:
    text = """\
kind: Component
metadata: {name: legacy, links: [{url: 'https://example.org'}, 3], tags: [x, [y]]}
spec: {owner: someone, dependsOn: [component:ledger, 'resource:default/db', Component:default/solo], system: system:x}
"""
    (shop.home / "catalog" / "local" / "components" / "legacy.yaml").write_text(text)
    found = shop.result("catalog", "show", "legacy")
    assert found["depends_on"] == ["ledger", "resource:default/db", "solo"]
    assert (found["team"], found["system"], found["tags"]) == ("someone", "x", ["x"])
    assert found["links"] == {"https://example.org": "https://example.org"}
