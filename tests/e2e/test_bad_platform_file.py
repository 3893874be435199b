"""A platform.yaml that cannot be used, or whose organisation is not prepared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.sandbox import NEW, Says, World, row


def test_the_organisation_is_not_prepared(empty: World) -> None:
    empty.write_platform("schema: 1\norganisation: acme\n")
    empty.refused(*NEW, code=2, says=["platform.yaml", "platformctl init"])
    assert empty.run("init", "--no-input").code == 0, "what the message says to do"
    assert empty.run(*NEW).code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("yaml", "terraform: a: b  # here\n", ["YAML"]),
        row("tab", "ci:\n\tattest: true  # here\n", ["YAML"]),
        row("twice", "schema: 1  # here\n", ["'schema'", "second time"]),
        row("type", "terraform:\n  timeout_seconds: soon  # here\n", ["timeout_seconds", "integer"]),
        row("section", "terraform: fast  # here\n", ["terraform", "object"]),
        row("boolean", "ci: {attest: 'yes'}  # here\n", ["ci.attest", "boolean"]),
        row("low", "terraform: {timeout_seconds: 0}  # here\n", ["timeout_seconds", "0"]),
        row("tool", "terraform: {tool: pulumi}  # here\n", ["terraform.tool", "'pulumi'", "tofu"]),
        row("registry", "registry: Example.com/  # here\n", ["registry", "lower case"]),
        row("teams", "teams: payments  # here\n", ["teams", "array"]),
        row("team", "teams:\n  - name: Payments  # here\n", ["'slug' is missing"]),
        row("golden paths", "golden_paths: paths  # here\n", ["golden_paths", "array"]),
        row("paging", "teams:\n  - slug: payments\n    paging: R0KEYKEYKEY  # here\n", ["paging", "env:NAME"]),
        row(
            "key",
            "forg: {kind: local}  # here\n",
            ["'forg'", "forge"],
        ),
        row(
            "nested key",
            "terraform:\n  tool: any\n  timeout: 3  # here\n",
            ["'timeout'", "timeout_seconds"],
        ),
        row(
            "default",
            "defaults:\n  tier: gold  # here\n",
            ["tier", "'gold'"],
        ),
        row(
            "golden paths that are not there",
            "golden_paths: [nowhere]  # here\n",
            ["nowhere"],
        ),
        row(
            "same team twice",
            "teams:\n  - slug: payments\n  - slug: payments  # here\n",
            ["payments"],
        ),
        row("itself", "defaults: &a {x: *a}  # here\n", []),
        row("forge", "forge: {kind: nope}  # here\n", ["nope", "local"]),
    ],
)
def test_a_platform_yaml_that_cannot_be_used(used: World, tmp_path: Path, text: str, says: Says) -> None:
    """The line that is wrong carries the comment `# here`; the message names it."""
    file = tmp_path / "platform.yaml"
    whole = f"schema: 1\norganisation: local\n{text}"
    file.write_text(whole, encoding="utf-8")
    line = next(number for number, line in enumerate(whole.splitlines(), start=1) if "# here" in line)
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    world.refused(*NEW, code=2, says=[f"{file}:{line}: ", *says])


def test_a_paging_key_in_platform_yaml_is_not_repeated(used: World, tmp_path: Path) -> None:
    file = tmp_path / "platform.yaml"
    file.write_text("schema: 1\norganisation: local\nteams: [{slug: payments, paging: R0KEYKEYKEY}]\n")
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    done = world.refused(*NEW, "--json", code=2, says=["paging"])
    assert "R0KEYKEYKEY" not in done.err + done.out


@pytest.mark.parametrize(
    "command",
    ["path list", "runs list", "doctor base-api", "undo last --yes", "init"],
)
def test_no_command_works_with_a_broken_platform_yaml(used: World, tmp_path: Path, command: str) -> None:
    file = tmp_path / "platform.yaml"
    file.write_text("schema: 1\norganisation: [local\n")
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    world.refused(*command.split(), code=2, says=[f"{file}:", "not valid YAML"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        row("empty", b"", ["platform.yaml"]),
        row("text", b"x", ["platform.yaml"]),
        row("no organisation", b"schema: 1\n", ["platform.yaml:1", "'organisation' is missing"]),
        row("name", b"schema: 1\norganisation: ../x\n", ["platform.yaml:2", "organisation"]),
        row("format", b"schema: 2\norganisation: local\n", ["platform.yaml:1", "schema"]),
        row("not text", b"schema: 1\norganisation: caf\xe9\n", ["platform.yaml", "UTF-8"]),
        row("none", None, ["platform.yaml", "no such file", "PLATFORMCTL_PLATFORM"]),
    ],
)
def test_a_file_that_is_no_platform_yaml(empty: World, content: bytes | None, says: Says) -> None:
    file = empty.root / "platform.yaml"
    if content is not None:
        file.write_bytes(content)
    empty.env["PLATFORMCTL_PLATFORM"] = str(file)
    empty.refused(*NEW, code=2, says=says)
