"""Names that cannot be: of services, of teams and of the organisation; illegal, unknown or taken."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.sandbox import NEW, World, row


@pytest.mark.parametrize(
    "name",
    [
        "Payments",
        "PAYMENTS",
        "payments_api",
        "payments.api",
        "ab",
        "a" * 32,
        "a/b",
        "..",
        ".",
        "../../payments",
        "/payments",
        "payments\n",
        "\npayments",
        "1payments",
        "pay ments",
        "pay\tments",
        "payments ",
        "zahlungen-für",
        "p\u0430yments",
        "paym\u200bents",
        "{{ 7 * 7 }}",
        "${{ inputs.team }}",
        "$(id)",
        "payments;id",
        "payments-",
    ],
    ids=ascii,
)
def test_an_illegal_name(empty: World, name: str) -> None:
    done = empty.refused(
        "new", "service", name, "--team", "payments", "--no-input", code=2, says=["name", "3 to 31 lower-case letters"]
    )
    assert done.out == ""


def test_a_name_that_is_no_text(empty: World) -> None:
    empty.refused("new", "service", "pay\udcffments", "--team", "payments", "--no-input", code=2, says=["UTF-8"])


@pytest.mark.parametrize("name", ["Base-Api", "../base-api", "..", "base-api\n", "no-such"], ids=ascii)
def test_a_service_that_is_not_there(used: World, name: str) -> None:
    used.refused("doctor", name, code=2, says=[repr(name)])
    if name == "no-such":
        used.refused("configure", name, "--set", "tier=batch", code=2, says=[repr(name), "platformctl new"])


@pytest.mark.parametrize(
    "command", [NEW, (*NEW, "--dry-run"), ("plan", *NEW[1:], "-o", "x.plan")], ids=["new", "dry-run", "plan"]
)
@pytest.mark.parametrize("what", ["bare repository", "empty folder"])
def test_a_repository_of_that_name_is_not_ours(used: World, what: str, command: tuple[str, ...]) -> None:
    folder = used.home / "forge" / "local" / "new-api.git"
    folder.mkdir()
    if what == "bare repository":
        subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    used.refused(*command, code=1, says=["repository/new-api is taken", "platformctl did not make it", "another name"])


@pytest.mark.parametrize("name", ["environments", "platform-modules", "platform-workflows", "organisation"])
def test_a_name_of_the_organisations_own(used: World, name: str) -> None:
    command = ("new", "service", name, "--team", "payments", "--no-input")
    used.refused(*command, code=1, says=[f"the name {name} is the organisation's own", "Choose another name"])


def test_a_plan_on_first_use_knows_the_organisations_own_names(empty: World) -> None:
    command = ("new", "service", "environments", "--team", "payments", "--no-input", "--dry-run")
    empty.refused(*command, code=1, says=["the organisation's own"])


@pytest.mark.parametrize(
    ("options", "key"),
    [
        row("tier", ["--tier", "batch"], "tier"),
        row("description", ["--description", "Other"], "description"),
        row("visibility", ["--visibility", "private"], "visibility"),
        row("list", ["--depends-on", "ledger-api"], "depends_on"),
        row("nested", ["--set", "slo.availability=99"], "slo"),
        row("team", ["--team", "checkout"], "team"),
    ],
)
def test_a_service_of_that_name_has_other_answers(used: World, options: list[str], key: str) -> None:
    configure = f"platformctl configure base-api --set {key}"
    command = ("new", "service", "base-api", "--team", "payments", "--no-input", *options)
    used.refused(*command, code=1, says=["base-api exists already", f"with {key} ", configure])


@pytest.mark.parametrize("team", ["nobody", "PAYMENTS", "payments "])
def test_a_team_that_the_platform_does_not_have(acme: World, team: str) -> None:
    says = [f"no team '{team}'", "platform.yaml: payments"]
    acme.refused("new", "service", "new-api", "--team", team, "--no-input", code=2, says=says)


@pytest.mark.parametrize(
    "name",
    [
        "../acme",
        "a" * 40,
        "1acme",
        row("Acme", "Acme"),
    ],
)
def test_an_organisation_that_cannot_be(empty: World, name: str) -> None:
    empty.refused("init", "--organisation", name, code=2, says=["organisation", repr(name)])
