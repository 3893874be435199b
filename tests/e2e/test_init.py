"""`init`: where platform.yaml goes, and what it would do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from platformctl import golden_path
from tests.e2e.sandbox import World
from tests.newest import ORGANISATION


def test_it_makes_the_file_that_the_environment_names(empty: World) -> None:
    file = empty.root / "organisation" / "platform.yaml"
    empty.env["PLATFORMCTL_PLATFORM"] = str(file)
    empty.refused("path", "list", code=2, says=[f"{file}: there is no such file", "platformctl init"])
    done = empty.run("init", "--org", "northwind")
    assert done.code == 0, done.err
    assert done.out.startswith(f"Wrote {file}\n") and "export" not in done.out
    assert "organisation: northwind" in file.read_text()
    assert not (empty.home / "platform.yaml").exists()
    assert empty.run("path", "list").code == 0
    assert empty.run("init").out.startswith(f"Read {file}\n")


@pytest.mark.parametrize("named", ["platform.yaml", ""])
def test_a_file_elsewhere_than_commands_look_has_to_be_exported(named: str, empty: World) -> None:
    file = empty.root / "organisation" / "platform.yaml"
    if named:
        empty.env["PLATFORMCTL_PLATFORM"] = named
    done = empty.run("init", "--file", str(file))
    assert done.code == 0, done.err
    assert done.out.startswith(f"Wrote {file}\nUse it with: export PLATFORMCTL_PLATFORM={file}\n")
    assert not (empty.work / "platform.yaml").exists()


def test_a_folder_is_no_place_for_it(empty: World) -> None:
    empty.env["PLATFORMCTL_PLATFORM"] = str(empty.work)
    empty.refused("init", code=2, says=[f"{empty.work}: there is no such file"])


def test_a_platform_that_cannot_be_made_leaves_no_file(empty: World) -> None:
    empty.env["PLATFORMCTL_PLATFORM"] = str(empty.root / "platform.yaml")
    empty.refused("init", "--org", "../x", code=2, says=["organisation"])


@pytest.mark.parametrize("named", ["organisation/platform.yaml", ""])
def test_a_dry_run_shows_the_plan_and_writes_nothing(named: str, empty: World) -> None:
    if named:
        empty.env["PLATFORMCTL_PLATFORM"] = str(empty.root / named)
    file = empty.root / named if named else empty.home / "platform.yaml"
    before = empty.tree()
    done = empty.run("init", "--org", "northwind", "--dry-run")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[:3] == [f"Would write {file}", "", f"Plan for organisation  organisation {ORGANISATION}"]
    assert "  + repository/platform-workflows" in lines and lines[-1].endswith("to create.")
    planned = json.loads(empty.run("init", "--org", "northwind", "--dry-run", "--json").out.splitlines()[-1])["data"]
    assert empty.tree() == before

    made = json.loads(empty.run("init", "--org", "northwind", "--json").out.splitlines()[-1])["data"]
    addresses = [[change["address"] for change in plan["changes"]] for plan in (planned, made)]
    assert addresses[0] == addresses[1] != []
    again = empty.run("init", "--dry-run")
    assert again.out.splitlines() == [
        f"Read {file}",
        "",
        f"Plan for organisation  organisation {ORGANISATION}",
        "",
        "Nothing to do: all is as it should be.",
    ]


def test_a_plan_before_a_newer_version_is_prepared_is_the_plan_that_is_applied(empty: World) -> None:
    """What stands there already is below the newer version's commits, and services pin those."""
    paths = empty.platform.parent / "paths"
    empty.write_platform("schema: 1\norganisation: local\ngolden_paths: [paths]\n")
    for name in ("modules", "workflows", "images", "organisation"):
        shutil.copytree(golden_path.shipped() / name, paths / name, ignore=shutil.ignore_patterns(".terraform*"))
    (paths / "organisation" / "released.yaml").unlink()  # so that a newer version is no draft
    assert empty.run("init", "--file", str(empty.platform)).code == 0

    newer = paths / "organisation" / "9.0.0"
    newer.mkdir()
    recipe = f"schema: 1\npath: organisation\nversion: 9.0.0\ndescription: x\nextends: organisation {ORGANISATION}\n"
    (newer / "recipe.yaml").write_text(recipe)
    (paths / "workflows" / "more.yml").write_text("name: more\n")
    assert empty.run("plan", "service", "new-api", "--team", "crew", "-o", "new.plan").code == 0
    assert empty.run("init", "--file", str(empty.platform)).code == 0
    done = empty.run("apply", "new.plan", "--yes")
    assert done.code == 0, done.err
    pinned = empty.git("platform-workflows", "rev-parse", "v9.0.0^{commit}")
    assert f"/service.yml@{pinned} # v9.0.0" in empty.git("new-api", "show", "main:.github/workflows/ci.yml")
    assert empty.git("platform-workflows", "rev-list", "--count", "main") == "2"


def test_a_dry_run_finds_what_would_stop_it(empty: World) -> None:
    file = Path("organisation.yaml")
    (empty.work / file).write_text("schema: 1\norganisation: northwind\n")
    says = ["this platform is of organisation 'northwind'"]
    empty.refused("init", "--org", "acme", "--file", str(file), "--dry-run", code=2, says=says)
