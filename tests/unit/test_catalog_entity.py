"""What a service's entry in the catalog says, and what it is refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.document import first_problem
from platformctl.errors import BadInput, BadRecipe, Failure
from platformctl.model import File
from platformctl.renderers.catalog_entity import CatalogEntity
from platformctl.renderers.sourced_yaml import Sourced, document

INPUTS: dict[str, Any] = {
    "name": "svc",
    "type": "service",
    "language": "python",
    "tier": "standard",
    "environments": ["staging"],
    "links": {"repository": "https://git.example.org/acme/svc"},
    "files": [{"CODEOWNERS": File(b"* @acme/payments\n")}],
    "golden_path": "service",
    "golden_path_version": "1.0.0",
}


def entity(**inputs: Any) -> str:
    given = {**INPUTS, **inputs}
    assert first_problem(CatalogEntity.INPUTS, given) is None
    return CatalogEntity(Path("path/1.0.0")).render(given)["catalog-info.yaml"].content.decode()


def test_component_and_api_are_of_one_system_and_team() -> None:
    component, api = yaml.safe_load_all(entity(system="shop", openapi="/openapi.json"))
    assert component["spec"]["providesApis"] == [api["metadata"]["name"]] == ["svc"]
    for field, value in {"system": "shop", "owner": "group:default/payments", "lifecycle": "experimental"}.items():
        assert component["spec"][field] == api["spec"][field] == value


def test_what_is_not_given_is_not_there() -> None:
    (found,) = yaml.safe_load_all(entity())
    assert found["spec"] == {"type": "service", "owner": "group:default/payments", "lifecycle": "experimental"}
    assert [link["title"] for link in found["metadata"]["links"]] == ["Repository"]
    assert "description" not in found["metadata"]


def codeowners(text: str) -> dict[str, Any]:
    return {"files": [{"CODEOWNERS": File(text.encode())}]}


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"CODEOWNERS": "one"}, '"group:default/one" # CODEOWNERS'),
        ({".github/CODEOWNERS": "two"}, '"group:default/two" # .github/CODEOWNERS'),
        ({"CODEOWNERS": "one", ".github/CODEOWNERS": "two"}, '"group:default/two" # .github/CODEOWNERS'),
    ],
)
def test_the_owner_is_read_where_a_forge_reads_it(files: dict[str, str], owner: str) -> None:
    given = {path: File(f"* @acme/{team}\n".encode()) for path, team in files.items()}
    text = entity(files=[given], openapi="/openapi.json")
    assert [line.strip() for line in text.splitlines() if "owner:" in line] == [f"owner: {owner}"] * 2


@pytest.mark.parametrize(
    ("inputs", "error", "says"),
    [
        ({"depends_on": ["ledger", "svc"]}, BadInput, "depends_on: svc cannot depend on itself"),
        ({"files": [{}]}, BadRecipe, "recipe.yaml: the owner is the one team that CODEOWNERS names"),
        (codeowners("/docs @acme/docs\n"), BadRecipe, "CODEOWNERS"),
        (codeowners("* @a-person\n"), BadRecipe, "CODEOWNERS"),
        (codeowners("* @acme/one @acme/two\n"), BadRecipe, "CODEOWNERS"),
        (codeowners("* @acme/one\n* @acme/two\n"), BadRecipe, "CODEOWNERS"),
        ({"links": {"repository": "svc.git"}}, BadRecipe, "links.repository: 'svc.git' is neither a URL nor"),
        ({"links": {"repository": "/x", "dashboard": "javascript:x"}}, BadRecipe, "links.dashboard"),
        ({"links": {"repository": "https://git.example.org/a b"}}, BadRecipe, "links.repository"),
        ({"links": {"repository": "https:///x"}}, BadRecipe, "links.repository"),
    ],
)
def test_bad_input_is_one_line(inputs: dict[str, Any], error: type[Failure], says: str) -> None:
    with pytest.raises(error) as refused:
        entity(**inputs)
    assert says in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "a" * 64),
        ("name", "Svc"),
        ("name", "svc\n"),
        ("tier", "Very Good"),
        ("language", "c_sharp"),
        ("system", "the shop"),
        ("environments", ["prod, staging"]),
        ("openapi", "openapi.json"),
        ("links", {}),
        ("links", {"repository": ""}),
        ("links", {"repository": "/x", "wiki": "/y"}),
    ],
)
def test_what_backstage_does_not_take_is_not_taken(name: str, value: object) -> None:
    assert first_problem(CatalogEntity.INPUTS, {**INPUTS, name: value}) is not None


def test_text_is_never_yaml() -> None:
    text = 'a: b # c\n- "d" \\ \u2028 \x85 ${{ x }} &a *a !!x {y} \x00 é 😀'
    (found,) = yaml.safe_load_all(entity(description=text, on_call=text, visibility=text))
    assert found["metadata"]["description"] == text
    assert found["metadata"]["annotations"]["platformctl/on-call"] == text


def test_sources_stand_behind_values() -> None:
    fields = {
        "a": "b",
        "c": Sourced("d", "e"),
        "f": Sourced(["g"], "h"),
        "i": {"j": Sourced("", "k")},
        "l": [{"m": "n"}],
    }
    assert document(fields) == 'a: b\nc: "d" # e\nf: # h\n  - "g"\nl:\n  - m: n\n'
