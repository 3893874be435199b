"""`platform.yaml`, YAML documents with their lines, and golden paths on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from platformctl import answers, config, golden_path
from platformctl.answers import Answers
from platformctl.commands.init import Options, text_of
from platformctl.config import EMBEDDED, FACTS, Config
from platformctl.document import Document
from platformctl.errors import BadConfig, BadInput, BadRecipe, NotFound
from platformctl.home import Home
from platformctl.schemas import schema
from platformctl.wiring import Wiring


def written(folder: Path, text: str) -> Config:
    file = folder / "platform.yaml"
    file.write_text(text)
    return config.load_file(file)


def test_without_a_file_the_platform_is_the_embedded_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLATFORMCTL_PLATFORM", raising=False)
    found = config.load(Home(tmp_path))
    assert (found.organisation, found.source) == (EMBEDDED, None)
    assert found.settings["secrets"]["key_prefix"] == EMBEDDED


def test_what_init_writes_is_a_platform_with_every_default(tmp_path: Path) -> None:
    found = written(tmp_path, text_of(Options("acme")))
    bare = written(tmp_path, "schema: 1\norganisation: acme\n")
    assert dict(found.settings) == dict(bare.settings)
    assert (found.registry, found.data["ci"], found.data["terraform"]) == (
        bare.registry,
        bare.data["ci"],
        bare.data["terraform"],
    )


BAD = {
    "schema: 1\norganisation: Acme\n": ("organisation: 'Acme' is not allowed", 2),
    "schema: 2\norganisation: acme\n": ("schema", 1),
    "schema: 1\norganisation: acme\nregistri: x\n": ("'registri' is not known", 3),
    "schema: 1\norganisation: acme\nteams:\n  - slug: a\n    paging: abc123\n": ("this value is not allowed", 5),
    "schema: 1\norganisation: acme\nci:\n  secrets:\n    S: ghp_abc\n": ("this value is not allowed", 5),
    "schema: 1\norganisation: acme\nci:\n  secrets:\n    S: file:here\n": ("this value is not allowed", 5),
    "schema: 1\norganisation: acme\nci:\n  variables:\n    GITHUB_A: x\n": ("'GITHUB_A' is not allowed: capital", 4),
    "schema: 1\norganisation: acme\nci:\n  variables:\n    lower: x\n": ("'lower' is not allowed: capital", 4),
    "schema: 1\norganisation: acme\nci:\n  variables:\n    A: 1\n": ("1 is not of type string", 5),
    "schema: 1\norganisation: acme\nteams:\n  - name: a\n": ("'slug' is missing", 4),
    "schema: 1\norganisation: [\n": ("not valid YAML", None),
    "schema: 1\nschema: 1\n": ("'schema' stands here a second time", 2),
    "1: x\n": ("key 1 is not text", 1),
    "": ("is not of type object", 1),
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_platform_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    words, line = BAD[text]
    with pytest.raises(BadConfig) as caught:
        written(tmp_path, text)
    assert words in caught.value.what
    if line:
        assert caught.value.where.endswith(f"platform.yaml:{line}")


APPLY = (
    "schema: 1\norganisation: acme\nci:\n  apply:\n    platformctl: platformctl==0.1.0\n    platform: acme/platform\n"
)
SHARED = """\
terraform: {backend: {kind: pg}}
grafana: {kind: http, url: "https://grafana.example.org"}
alerting: {folder: /srv/alerting}
catalog: {kind: repository}
"""
ONE_MACHINE = {
    "all planes, and nothing shared": (APPLY, "developer, because catalog is kept on one machine", 4),
    "a folder beside platform.yaml": (
        APPLY + "    planes: [security, monitoring]\n" + SHARED.replace("/srv/alerting", "alerting"),
        "the plane monitoring, because alerting is kept on one machine",
        7,
    ),
    "a folder in somebody's own": (
        APPLY + SHARED.replace("/srv/alerting", "~/alerting"),
        "monitoring, because alerting is kept on one machine",
        4,
    ),
    "a catalog in the home folder": (APPLY + SHARED.replace("repository", "files"), "developer, because catalog", 4),
    "a state in the home folder": (APPLY + SHARED.replace("{kind: pg}", "{}"), "resource, because terraform", 4),
    "alerts that a module gives limits": (
        APPLY + "    planes: [monitoring]\n" + SHARED.replace("{kind: pg}", "{kind: local}"),
        "monitoring, because terraform",
        7,
    ),
    "two versions": (APPLY.replace("==0.1.0", ">=0.1"), "ci.apply.platformctl: 'platformctl>=0.1' is not allowed", 5),
    "an expression": (
        APPLY.replace("==0.1.0", " @ https://a/${{secrets.X}}"),
        "ci.apply.platformctl: 'platformctl @ https://a/${{secrets.X}}' is not allowed",
        5,
    ),
    "another folder's file": (APPLY + "    file: ../platform.yaml\n", "ci.apply.file: '../platform.yaml' is not", 7),
    "no repository": (APPLY.replace("    platform: acme/platform\n", ""), "'platform' is missing", 4),
}


@pytest.mark.parametrize("case", ONE_MACHINE)
def test_a_runner_is_given_only_what_it_can_do(case: str, tmp_path: Path) -> None:
    text, words, line = ONE_MACHINE[case]
    with pytest.raises(BadConfig) as caught:
        written(tmp_path, text)
    assert words in caught.value.what
    assert caught.value.where.endswith(f"platform.yaml:{line}")


@pytest.mark.parametrize("text", [APPLY + SHARED, APPLY + "    planes: [delivery, security]\n"])
def test_what_is_shared_can_be_applied_by_a_runner(text: str, tmp_path: Path) -> None:
    found = written(tmp_path, text)
    apply = Wiring(found, Home(tmp_path)).facts({})["pipeline"]["apply"]
    assert (apply["platform"], apply["file"]) == ("acme/platform", "platform.yaml")


def test_the_folder_of_programs_is_beside_the_file_and_has_to_be_there(tmp_path: Path) -> None:
    assert written(tmp_path, "schema: 1\norganisation: a\n").tools_folder is None
    found = written(tmp_path, "schema: 1\norganisation: a\ntools:\n  folder: bin\n")
    with pytest.raises(BadConfig, match=r"there is no folder .*bin") as caught:
        assert found.tools_folder
    assert caught.value.where.endswith("platform.yaml:4")
    (tmp_path / "bin").mkdir()
    assert found.tools_folder == tmp_path / "bin"


def test_teams_are_found_by_slug_and_by_name(tmp_path: Path) -> None:
    found = written(tmp_path, "schema: 1\norganisation: a\nteams:\n- {slug: pay, name: 'Pay & Co', on_call: x}\n")
    assert found.team("pay") == found.team("Pay & Co")
    assert found.team("pay").permission == "maintain"
    with pytest.raises(BadInput, match="pay"):
        found.team("other")


@pytest.mark.parametrize(("name", "slug"), [("payments", "payments"), ("Pay & Co", "pay-co"), ("Équipe Ä", "equipe-a")])
def test_a_platform_without_teams_takes_every_team(name: str, slug: str) -> None:
    team = Config({"organisation": "a"}, None).team(name)
    assert (team.slug, team.name) == (slug, name)


def test_a_team_without_a_letter_has_no_slug() -> None:
    with pytest.raises(BadInput, match="no letter"):
        Config({"organisation": "a"}, None).team("!!")


def test_facts_are_what_is_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLATFORMCTL_PLATFORM", raising=False)
    home = Home(tmp_path)
    facts = Wiring(config.load(home), home).facts({"team": "t"})
    for name in FACTS:
        here = facts
        for part in name.split("."):
            here = here[part]
    told = ("team", "modules", "workflows", "environments", "pipeline")
    names = {f"{key}.{inner}" for key in told for inner in facts[key]}
    assert names <= set(FACTS)


def test_shipped_schemas_are_schemas_and_describe_their_fields() -> None:
    from jsonschema import Draft202012Validator

    for name in ("platform", "recipe", "path", "answers"):
        Draft202012Validator.check_schema(schema(name))


def test_the_record_survives_any_text() -> None:
    text = "a: 'b'\n\"c\" # d\x85e\u2028f 😀 ${{ g }}"
    record = Answers("svc", "service", "1.0.0", {"name": "svc", "description": text})
    assert answers.read(record.to_text().encode(), "f") == record


@pytest.mark.parametrize("content", [b"\xff", b"schema: 1", b"[]", b"a: [", b""])
def test_a_damaged_record_is_refused(content: bytes) -> None:
    with pytest.raises(BadConfig):
        answers.read(content, "f")


def test_lines_are_remembered() -> None:
    document = Document("a:\n  - b: 1\n    c:\n      - 2\n", "f")
    assert document.where("a", 0, "c", 0) == "f:4"
    assert document.where("a", 0, "missing") == "f:2"


def path(folder: Path, name: str, text: str = "") -> None:
    (folder / name / "1.0.0").mkdir(parents=True)
    text = text or f"schema: 1\nname: {name}\ntitle: t\nowner: o\nsupport: s\nlifecycle: production\n"
    (folder / name / "path.yaml").write_text(text)


def test_golden_paths_are_found_with_their_versions_in_order(tmp_path: Path) -> None:
    path(tmp_path, "one")
    for version in ("10.0.0", "9.1.0", "draft"):
        (tmp_path / "one" / version).mkdir()
    found = golden_path.find([tmp_path], "one")
    assert found.versions == ("1.0.0", "9.1.0", "10.0.0")
    assert found.version_folder().name == found.latest == "10.0.0"
    with pytest.raises(NotFound, match=r"10\.0\.0"):
        found.version_folder("2.0.0")
    with pytest.raises(NotFound, match="one"):
        golden_path.find([tmp_path], "two")


def test_an_organisations_own_path_comes_before_the_shipped_one(tmp_path: Path) -> None:
    path(tmp_path, "service")
    assert golden_path.find([tmp_path, golden_path.shipped()], "service").folder == tmp_path / "service"
    assert "organisation" in golden_path.find_all([tmp_path, golden_path.shipped()])


def test_a_path_says_its_own_name(tmp_path: Path) -> None:
    path(tmp_path, "one", "schema: 1\nname: two\ntitle: t\nowner: o\nsupport: s\nlifecycle: production\n")
    with pytest.raises(BadRecipe, match="is not the folder's"):
        golden_path.find([tmp_path], "one")
