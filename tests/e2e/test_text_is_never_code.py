"""Text from people is never code: it is written into a dozen languages and comes out of each as that text.

Descriptions, teams, the organisation's settings: whatever stands in them, the files that `new` makes parse, say
exactly it, and are what doctor expects. Every text tries to create one file, the canary, in the way of its language.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import pytest
import yaml
from markdown_it import MarkdownIt

from platformctl import answers
from platformctl.renderers.organisation_settings import OrganisationSettings
from tests.conftest import Cli
from tests.hcl import evaluate

DESCRIPTIONS: Final = {
    "shell": "$(touch CANARY) `touch CANARY` ; touch CANARY & touch CANARY | sh > CANARY\n!touch CANARY",
    "templates": (
        "${{ github.token }} {{ 7*7 }} {{ cycler.__init__.__globals__.os.system('touch CANARY') }} {% include 'x' %} "
        "{# x #} {{ cookiecutter.name }} ${path.module} %{ if true }x%{ endif } ${file('CANARY')} ${{ inputs.team }}"
    ),
    "literals": (
        '"""\'\'\'"\' + __import__("os").system("touch CANARY") + "\\"\\\\ \\n \\u0041 \\N{BULLET} \\x41 {x!r} %s \\'
    ),
    "documents": (
        "a # b\n---\n!!python/object/apply:os.system ['touch CANARY']\n*x &y\n[tool.x]\nz = 1\n"
        "- <<: {a: b}\n\t...\r\nc: |"
    ),
    "markup": (
        "</script><script>fetch('x')</script> <img src=x onerror=y> &lt;b&gt; [x](javascript:y) ![z](file:CANARY) "
        "**b** _i_ ~~s~~ | c |\n# head\n> q\n1. one\n```sh\ntouch CANARY\n```\n<!-- x --> @acme/all #1"
    ),
    "makefiles": "$(shell touch CANARY) $@ $$ $(eval x) %.o: ; touch CANARY\nall:\n\ttouch CANARY\ndefine x\nendef \\",
    "characters": (
        "\U0001f600 \U0001f469\u200d\U0001f4bb a\u2028b\u2029c\u00a0d\u3000e\u200bf\ufeffg\u202eh\x0bi\x0cj\x1ck "
        "日本 e\u0301 %"
    ),
    "controls": "a\x1b[31mb\x1b]0;c\x07d\x08e\x0cf\x7fg\x85h\x9bi",
    "words": "null",
    "numbers": "1e3",
    "dates": "2026-11-23",
}
CARRIED: Final = ("shell", "templates", "literals", "documents", "markup", "makefiles", "characters", "controls")
"""Those that a whole service is made with; the others matter to the record alone."""
PLAIN: Final = "payments-api"
"""A service about which there is nothing special, to compare with."""

TEAMS: Final = {
    "quoted": (
        "\"Q\" 'q' `touch CANARY` $(touch CANARY) \\ ${{ 7*7 }} {{ 7*7 }} %{ if x } ${y}",
        "*On* | [call](x:y) #1",
    ),
    "marked": (
        "</script> # head\n\n## more\n1. one\u2028two \U0001f600 <b>",
        "{{ 7*7 }} ```\nx\n``` \\ $(touch CANARY)\n---",
    ),
}

EMBEDDED_TEAM: Final = 'Zahl & "Pay" `touch CANARY` ${{ 7*7 }} {{ 7*7 }} $(x) \\ </script> # %{ ${ \u2028 \U0001f600'

SETTINGS: Final = {
    "secrets": {
        "store_name": 'st ${path.module} %{ if true }x%{ endif } "q" \\ # \U0001f600',
        "key_prefix": "k ${var.name} $${x}",
    },
    "iam": {
        "role": "r ${path.cwd} $$${x} %%{y} {name}",
        "created_by": (
            'us ${path.module} %{ for x in [1] }y%{ endfor } $${z} {{ 7*7 }} ${{ 7*7 }} "q" \\ \u2028 </script>'
        ),
    },
    "cluster": {"watched_by": "flux"},
}
CREATED_BY: Final = SETTINGS["iam"]["created_by"]


@dataclass(frozen=True)
class World:
    """A platform with services made from texts, by the name of the text."""

    cli: Cli
    canary: Path
    organisation: str

    def said(self, text: str) -> str:
        """The text as it was given: with the canary's real path in it."""
        return text.replace("CANARY", str(self.canary))

    def repository(self, service: str) -> Path:
        """A repository of its forge."""
        return self.cli.home / "forge" / self.organisation / f"{service}.git"

    def show(self, service: str, path: str) -> str:
        """A file on the default branch, byte by byte."""
        command = ["git", f"--git-dir={self.repository(service)}", "show", f"main:{path}"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    def clone(self, service: str, to: Path) -> Path:
        """A working copy."""
        subprocess.run(["git", "clone", "--quiet", str(self.repository(service)), str(to)], check=True)
        return to

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command says to machines: one JSON value a line, where a line ends at a line feed and nowhere else."""
        done = self.cli.run(*arguments, "--json")
        return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


@pytest.fixture(scope="session")
def canary() -> Iterator[Path]:
    """The file that no text may create; its path is short enough for a description."""
    folder = Path(tempfile.mkdtemp(prefix="c"))
    yield folder / "x"
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_is_executed(canary: Path) -> Iterator[None]:
    """After every test, with all the plans, runs and parsers in it."""
    yield
    assert list(canary.parent.iterdir()) == []


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory, canary: Path) -> World:
    """The embedded platform with a service for every text, made through flags, and one with a nasty team."""
    root = tmp_path_factory.mktemp("embedded")
    world = World(Cli(root / "home", root), canary, "local")
    world.cli.run("new", "service", PLAIN, "--team", "payments", "--description", "Takes payments", "--yes")
    for name in CARRIED:
        given = f"--description={world.said(DESCRIPTIONS[name])}"
        events = world.events("new", "service", f"text-{name}", "--team", "payments", given, "--yes")
        assert events[-1]["data"]["applied"]
    team = world.said(EMBEDDED_TEAM)
    world.cli.run("new", "service", "text-team", "--team", team, "--description", "x", "--yes")
    return world


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory, canary: Path) -> World:
    """A platform whose platform.yaml is full of it, with a service for every team."""
    root = tmp_path_factory.mktemp("organisation")
    file = root / "platform.yaml"
    world = World(Cli(root / "home", root, {"PLATFORMCTL_PLATFORM": str(file)}), canary, "acme")
    teams = [
        {"slug": slug, "name": world.said(name), "on_call": world.said(on_call), "paging": f"secret:{slug}"}
        for slug, (name, on_call) in TEAMS.items()
    ]
    platform = {"schema": 1, "organisation": "acme", "teams": teams, **SETTINGS}
    file.write_text(yaml.safe_dump(platform, sort_keys=False), encoding="utf-8")
    world.cli.run("init", "--organisation", "acme", "--yes")
    for slug, (name, _) in TEAMS.items():
        given = world.said(name) if slug == "quoted" else slug
        world.cli.run("new", "service", f"of-{slug}", "--team", given, "--description", "x", "--yes")
    return world


def folded(text: str) -> str:
    """A text on one line: words of what can be printed."""
    unprintable = {*range(32), *range(127, 160), 0x2028, 0x2029, 0xFEFF}
    return " ".join("".join(" " if ord(char) in unprintable else char for char in text).split())


def paragraph(markdown: str, label: str) -> tuple[str, list[str]]:
    """The text that a reader sees after a bold label, and the kinds of markup in it."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        parts = token.children or []
        if token.type == "inline" and token.content.startswith(f"**{label}:**"):
            after = next(number for number, part in enumerate(parts) if part.type == "strong_close") + 1
            kinds = [part.type for part in parts[after:] if part.type not in ("text", "text_special")]
            return "".join(part.content for part in parts[after:]).strip(), kinds
    raise AssertionError(f"no paragraph {label}")


def headings(markdown: str) -> list[str]:
    """The outline of a document."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [tokens[number + 1].content for number, token in enumerate(tokens) if token.type == "heading_open"]


class TestDescriptions:
    @pytest.mark.parametrize("name", CARRIED)
    def test_every_file_says_exactly_it(self, embedded: World, name: str) -> None:
        """YAML, TOML, JSON and Markdown, each by its own parser."""
        service, text = f"text-{name}", embedded.said(DESCRIPTIONS[name])
        record = yaml.safe_load(embedded.show(service, ".platformctl.yaml"))
        assert record["answers"]["description"] == text
        project = tomllib.loads(embedded.show(service, "pyproject.toml"))
        assert project["project"]["description"] == text
        assert set(project) == {"project", "build-system", "tool"}
        settings = json.loads((embedded.repository(service) / "platformctl.json").read_text(encoding="utf-8"))
        assert settings["settings"]["description"] == " ".join(text.split())
        readme = embedded.show(service, "README.md")
        assert paragraph(readme, "What it does") == (folded(text), [])
        assert headings(readme)[0] == service
        assert headings(readme)[1:] == headings(embedded.show(PLAIN, "README.md"))[1:]

    @pytest.mark.parametrize("name", ["templates", "documents", "characters", "controls"])
    def test_doctor_expects_it(self, embedded: World, name: str) -> None:
        """What was recorded renders the same files again."""
        assert embedded.events("doctor", f"text-{name}")[-1]["data"]["drift"] is False

    def test_the_same_again_changes_nothing(self, embedded: World) -> None:
        given = f"--description={embedded.said(DESCRIPTIONS['templates'])}"
        last = embedded.events("new", "service", "text-templates", "--team", "payments", given, "--yes")[-1]
        assert (last["data"]["applied"], last["data"]["changes"]) == (False, [])

    def test_events_carry_it(self, embedded: World, tmp_path: Path) -> None:
        """Every line is one JSON value, and the run's first event has the answers as they were given."""
        text = embedded.said("".join(DESCRIPTIONS[name] for name in ("templates", "characters")))
        file = tmp_path / "answers.yaml"
        file.write_text(yaml.safe_dump({"team": EMBEDDED_TEAM, "description": text}), encoding="utf-8")
        events = embedded.events("new", "service", "text-events", "--answers", str(file), "--yes")
        assert events[0]["type"] == "schema"
        begun = [event["data"]["answers"] for event in events if event["type"] == "run_started"]
        assert [(given["team"], given["description"]) for given in begun] == [(EMBEDDED_TEAM, text)]

    @pytest.mark.parametrize("name", [*DESCRIPTIONS, "nul"])
    def test_the_record_gives_it_back(self, name: str) -> None:
        """By platformctl's own reader, which is not the parser above."""
        text = {**DESCRIPTIONS, "nul": "a\0b"}[name]
        record = answers.Answers("x-y", "service", "1.0.0", {"name": "x-y", "description": text})
        assert answers.read(record.to_text().encode(), "x").answers["description"] == text

    def test_the_record_gives_a_next_line_back(self) -> None:
        record = answers.Answers("x-y", "service", "1.0.0", {"name": "x-y", "description": "a\x85b"})
        assert answers.read(record.to_text().encode(), "x").answers["description"] == "a\x85b"

    def test_bytes_that_are_no_text_are_the_users_mistake(self, embedded: World) -> None:
        given = ("--team", "payments", "--description", "a\udcffb", "--yes")
        assert embedded.cli.run("new", "service", "no-text", *given, code=None).returncode == 2

    def test_a_plan_has_no_escape_sequences(self, embedded: World) -> None:
        """What somebody else wrote cannot repaint what is about to be approved."""
        shown = embedded.cli.run("configure", "text-controls", "--set", "description=x", "--dry-run").stdout
        assert "description" in shown
        assert [char for char in shown if ord(char) < 32 and char != "\n"] == []


class TestGeneratedCode:
    @pytest.mark.parametrize("name", CARRIED)
    def test_it_has_no_free_text_in_it(self, embedded: World, name: str, tmp_path: Path) -> None:
        """Code compiles, and is that of any other service but for the name."""
        service = f"text-{name}"
        clone, plain = embedded.clone(service, tmp_path / "clone"), embedded.clone(PLAIN, tmp_path / "plain")
        code = [*clone.rglob("*.py"), clone / "Makefile", clone / "Dockerfile", *clone.glob(".github/workflows/*")]
        assert len(code) > 10
        for file in code:
            text = file.read_text(encoding="utf-8")
            assert text == (plain / file.relative_to(clone)).read_text(encoding="utf-8").replace(PLAIN, service)
            if file.suffix == ".py":
                compile(text, str(file), "exec")

    @pytest.mark.parametrize("name", ["shell", "makefiles"])
    def test_make_runs_nothing_of_it(self, embedded: World, name: str, tmp_path: Path) -> None:
        if shutil.which("make") is None:
            pytest.skip("make is not on PATH")
        clone = embedded.clone(f"text-{name}", tmp_path / "clone")
        done = subprocess.run(["make", "help"], cwd=clone, capture_output=True, text=True, check=True)
        assert done.stdout.startswith("make help")


class TestTeams:
    def test_the_embedded_platform_takes_any_team(self, embedded: World) -> None:
        """Its name for people, its slug for machines."""
        text = embedded.said(EMBEDDED_TEAM)
        owner, kinds = paragraph(embedded.show("text-team", "README.md"), "Who owns it")
        slug = embedded.show("text-team", "CODEOWNERS").strip().removeprefix("* @local/")
        assert slug.replace("-", "").isalnum() and slug.startswith("zahl-pay") and len(slug) <= 39
        assert owner == f"{folded(text)} (@local/{slug})"
        assert kinds == ["code_inline"]
        record = yaml.safe_load(embedded.show("text-team", ".platformctl.yaml"))
        assert record["answers"]["team"] == text
        assert embedded.events("doctor", "text-team")[-1]["data"]["drift"] is False

    @pytest.mark.parametrize("team", ["\U0001f600", "{{ }}", "$()", "---", "\u2028"])
    def test_a_team_without_a_letter_is_refused(self, embedded: World, team: str) -> None:
        done = embedded.cli.run("new", "service", "of-nobody", "--team", team, "--description", "x", "--yes", code=2)
        assert "slug" in done.stderr
        assert not embedded.repository("of-nobody").exists()

    @pytest.mark.parametrize("slug", TEAMS)
    def test_names_and_channels_of_a_platform_are_text(self, organisation: World, slug: str) -> None:
        service = f"of-{slug}"
        name, on_call = (folded(organisation.said(text)) for text in TEAMS[slug])
        readme = organisation.show(service, "README.md")
        assert paragraph(readme, "Who owns it") == (f"{name} (@acme/{slug})", ["code_inline"])
        assert paragraph(readme, "Who is on call") == (on_call, [])
        runbook = organisation.show(service, "docs/runbook.md")
        assert headings(runbook)[1:] == headings(organisation.show("of-quoted", "docs/runbook.md"))[1:]
        tokens = MarkdownIt("commonmark").parse(runbook.partition("## Escalate")[2])
        items = ["".join(part.content for part in token.children or ()) for token in tokens if token.type == "inline"]
        assert items[:2] == [f"On call: {on_call}", f"The team: {name} (@acme/{slug})"]
        assert organisation.events("doctor", service)[-1]["data"]["drift"] is False


class TestTheOrganisationsSettings:
    def test_terraform_says_them_literally(self, organisation: World) -> None:
        """In the outputs that are kept, in the notes of a plan, and in the manifests that follow from them."""
        file = organisation.cli.home / "terraform" / "acme" / "of-quoted-staging" / "terraform.tfstate"
        outputs = json.loads(file.read_text(encoding="utf-8"))["outputs"]["service"]["value"]
        role = SETTINGS["iam"]["role"].replace("{name}", "of-quoted")
        assert outputs["iam_role"] == role
        wanted = f"IAM role {role} is expected to exist; it is created by {CREATED_BY}."
        assert outputs["notes"][0] == wanted
        planned = organisation.events("plan", "service", "of-plan", "--team", "quoted", "--description", "x")[-1]
        assert planned["data"]["notes"][0] == wanted.replace("of-quoted", "of-plan")

    def test_manifests_say_them_literally(self, organisation: World) -> None:
        folder = "staging/of-quoted"
        secret = yaml.safe_load(organisation.show("environments", f"{folder}/40-externalsecret.yaml"))
        assert secret["spec"]["secretStoreRef"]["name"] == SETTINGS["secrets"]["store_name"]
        (source,) = secret["spec"]["dataFrom"]
        assert source["extract"]["key"] == f"{SETTINGS['secrets']['key_prefix']}/quoted/of-quoted/staging"
        account = yaml.safe_load(organisation.show("environments", f"{folder}/30-serviceaccount.yaml"))
        role = SETTINGS["iam"]["role"].replace("{name}", "of-quoted")
        assert account["metadata"]["annotations"] == {"platformctl/iam-role": role}

    def test_any_text_is_a_literal_of_terraform(self, tmp_path: Path) -> None:
        """Deep inside and in a list; Terraform decides what it reads, and it brings texts to Unicode's form NFC."""
        texts = [
            *DESCRIPTIONS.values(),
            *EMBEDDED_TEAM.split(),
            CREATED_BY,
            "${",
            "%{",
            "$${",
            "$$${",
            "%%{",
            "$",
            "$$",
        ]
        settings = {"deep": {"texts": texts}, "number": 4317, "flag": True, "nothing": None}
        (content,) = OrganisationSettings(tmp_path).render({"module": "service", "settings": settings}).values()
        (tmp_path / "organisation.tf.json").write_bytes(content.content)
        wanted = normalize("NFC", json.dumps(settings, ensure_ascii=False))
        assert evaluate(tmp_path, "local.organisation") == json.loads(wanted)

    def test_init_needs_no_name_for_a_platform_that_has_one(self, tmp_path: Path) -> None:
        """It is what `new` tells people to run."""
        file = tmp_path / "platform.yaml"
        file.write_text("schema: 1\norganisation: acme\n", encoding="utf-8")
        cli = Cli(tmp_path / "home", tmp_path, {"PLATFORMCTL_PLATFORM": str(file)})
        assert cli.run("init", "--yes", code=None).returncode == 0
