"""Existing repositories are taken onto a golden path: by a pull request, with everything of the team's as it was."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.sandbox import GIT, Done, Pristine, World, row
from tests.e2e.shapes import FASTAPI, GO, NOTES, WORKER, Files, git, merge, put, tree
from tests.newest import SERVICE as NEWEST

RECORD: Final = ".platformctl.yaml"

SHAPES: Final = {
    "quotes-api": (
        FASTAPI,
        f"service {NEWEST}",
        {
            "team": ("payments", "CODEOWNERS, the rule for *"),
            "description": (
                "Quotes for {{ 7*7 }} markets, as ${{ inputs.team }} needs them.",
                "README.md, its first paragraph",
            ),
            "language": ("python", "requirements.txt and 4 source files"),
        },
        {".editorconfig", ".github/dependabot.yml", RECORD, "catalog-info.yaml", "docs/runbook.md"},
        {
            "file:.dockerignore": False,
            "file:.github/workflows/ci.yml": True,
            "file:.gitignore": False,
            "file:CODEOWNERS": True,
            "file:Dockerfile": False,
            "file:Makefile": False,
            "file:README.md": False,
            "file:app/*": True,
            "file:pyproject.toml": False,
            "file:requirements.lock": False,
            "file:tests/*": True,
            "branch_protection.checks": True,
        },
    ),
    "ledger": (
        GO,
        f"service {NEWEST}",
        {
            "team": ("payments", "given"),
            "description": ("Keeps the books.", "README.rst, its first paragraph"),
            "language": ("go", "go.mod and 3 source files"),
        },
        {
            ".dockerignore",
            ".editorconfig",
            ".github/dependabot.yml",
            ".github/workflows/ci.yml",
            ".gitignore",
            RECORD,
            "CODEOWNERS",
            "Dockerfile",
            "Makefile",
            "catalog-info.yaml",
            "docs/runbook.md",
        },
        {
            "file:README.md": False,
            "file:app/*": True,
            "file:go.mod": False,
            "file:go.sum": False,
            "file:main.go": False,
        },
    ),
    "mailer": (
        WORKER,
        "worker 1.0.0",
        {
            "team": ("checkout", ".github/CODEOWNERS, the rule for *"),
            "description": ("Mail for orders", "catalog-info.yaml"),
            "language": ("python", "pyproject.toml and 2 source files"),
            "depends_on": (["base-api"], "catalog-info.yaml, as far as the catalog knows them"),
        },
        {".dockerignore", ".editorconfig", ".github/workflows/ci.yml", ".gitignore", RECORD, "Dockerfile", "Makefile"},
        {
            "file:CODEOWNERS": True,
            "file:README.md": False,
            "file:app/*": True,
            "file:catalog-info.yaml": True,
            "file:docs/runbook.md": False,
            "file:pyproject.toml": False,
            "file:requirements.lock": False,
            "file:tests/*": True,
        },
    ),
}
"""By name: the files, the path, the answers with their sources, what is added, and overrides with whether they end."""


def asked(name: str) -> tuple[str, ...]:
    """The command; nothing in the Go repository says whose it is."""
    return ("adopt", name, *(("--team", "payments") if name == "ledger" else ()))


def result(done: Done, code: int = 0) -> dict[str, Any]:
    """What a command ends with for machines."""
    assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
    last: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    found: dict[str, Any] = last["data"]
    return found


def proposal(world: World, name: str) -> dict[str, str]:
    """What the team is asked."""
    file = world.home / "forge" / "local" / f"{name}.git" / "platformctl.json"
    found: dict[str, str] = json.loads(file.read_text())["proposals"][f"platformctl/files_{name}"]
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_what_the_team_has_stays_byte_for_byte_and_all_is_well(name: str, used: World) -> None:
    files, path, answers, added, overrides = SHAPES[name]
    clone = put(used, name, files)
    before, forge = tree(clone), used.tree()
    found = result(used.run(*asked(name), "--dry-run", "--json"))["adoption"]
    assert used.tree() == forge, "a dry run writes nothing"

    done = result(used.run(*asked(name), "--json"))
    assert done["adoption"] == found and tree(clone) == before
    assert f"{found['fits'][0]['path']} {found['fits'][0]['version']}" == path
    told = {one["name"]: (one["value"], one["source"]) for one in found["answers"]}
    assert {key: told[key] for key in answers} == answers and told["name"] == (name, "the repository's name")
    assert {one["path"] for one in found["files"] if one["fate"] == "added"} == added

    proposed = tree(clone, f"origin/platformctl/files_{name}")
    assert {path: proposed[path] for path in before} == before and {*proposed} - {*before} == added
    record = yaml.safe_load(git(clone, "show", f"origin/platformctl/files_{name}:{RECORD}"))
    assert {key: record["answers"][key] for key in answers} == {key: value for key, (value, _) in answers.items()}
    given = {one.get("input") or f"file:{one['file']}": "until" in one for one in record["overrides"]}
    assert given == overrides
    assert done["waiting"] and not list((used.home / "terraform").rglob(f"{name}-*")), "the rest waits"

    merge(clone, name, squash=name == "ledger")
    assert {path: tree(clone)[path] for path in before} == before
    used.refused(*asked(name), code=1, says=[f"{name} is on golden path {path} already", "configure", "upgrade"])
    assert used.run("doctor", name).code == 3
    assert used.run("doctor", name, "--fix", "--yes").code == 0
    after = result(used.run("doctor", name, "--json"))
    assert not after["drift"] and {one["target"] for one in after["deviations"]} == {*overrides}
    assert all(one["differs"] for one in after["deviations"])
    assert {path: tree(clone)[path] for path in before} == before


def test_the_pull_request_says_why_and_nothing_in_it_is_markup(used: World) -> None:
    evil = "# x\n\nA <script>alert(1)</script> *b* @everyone # h ```{{ 7*7 }} `id` $(id)\n"
    clone = put(used, "quotes-api", {**FASTAPI, "README.md": evil})
    result(used.run("adopt", "quotes-api", "--json"))
    told = proposal(used, "quotes-api")
    assert told["title"] == f"Take quotes-api onto golden path service {NEWEST}"
    body = told["body"]
    for said in (
        f"    service {NEWEST}: 85 of 100 points\n",
        "http: requirements.txt names fastapi (+40)",
        "    team: payments (CODEOWNERS, the rule for *)\n",
        "    file:Dockerfile until it is dropped. Adopted as it was: the file is the team's own\n",
        "Makefile lacks targets that the path's has: ",
        "    resource: staging environment\n",
        "`platformctl doctor quotes-api --fix`",
        "    add .platformctl.yaml\n",
    ):
        assert said in body
    assert re.search(
        r"    file:app/\* until \d{4}-\d\d-\d\d\. Adopted as it was: the application is the team's own\n", body
    )
    assert all(line.startswith("    ") for line in body.splitlines() if "script" in line or "@everyone" in line)
    record = yaml.safe_load(git(clone, "show", f"{fetched(clone)}:{RECORD}"))
    assert "<script>alert(1)</script>" in record["answers"]["description"] and "{{ 7*7 }}" in str(record)


def fetched(clone: Path, name: str = "quotes-api") -> str:
    git(clone, "fetch", "--quiet", "origin")
    return f"origin/platformctl/files_{name}"


def test_asked_again_the_same_pull_request_follows(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    first = result(used.run("adopt", "quotes-api", "--json"))
    at = git(clone, "rev-parse", fetched(clone))
    again = result(used.run("adopt", "quotes-api", "--json"))
    assert (again["proposed"], again["run"]) == (first["proposed"], first["run"])
    assert git(clone, "rev-parse", fetched(clone)) == at
    other = result(used.run("adopt", "quotes-api", "--set", "tier=batch", "--json"))
    assert other["proposed"] == first["proposed"] and other["run"] != first["run"]
    assert "tier: batch" in git(clone, "show", f"{fetched(clone)}:{RECORD}")
    assert proposal(used, "quotes-api")["body"].count("tier: batch (given)") == 1


def test_undo_withdraws_it_whatever_the_team_has_done_since(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    before = tree(clone)
    run = result(used.run("adopt", "quotes-api", "--json"))["run"]
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "meanwhile")
    (clone / "notes.md").write_text("meanwhile\n")
    git(clone, "add", "notes.md")
    git(clone, "commit", "--quiet", "--message", "meanwhile")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    done = used.run("undo", run, "--yes")
    assert done.code == 0 and "taken back" in done.out, done.out + done.err
    after = tree(clone)
    assert {path: about for path, about in after.items() if path != "notes.md"} == before
    assert git(clone, "branch", "--remotes").split() == ["origin/main"]
    assert result(used.run("adopt", "quotes-api", "--json"))["proposed"]


def test_undo_of_what_was_merged_takes_back_what_it_added(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    before = tree(clone)
    run = result(used.run("adopt", "quotes-api", "--json"))["run"]
    merge(clone, "quotes-api", squash=True)
    fixed = result(used.run("doctor", "quotes-api", "--fix", "--yes", "--json"))["run"]
    done = used.run("undo", run, "--yes")
    assert done.code == 2 and f"platformctl undo {fixed}" in done.message
    assert used.run("undo", fixed, "--yes").code == 0
    assert used.run("undo", run, "--yes").code == 0
    assert tree(clone) == before
    meta = json.loads((used.home / "forge" / "local" / "quotes-api.git" / "platformctl.json").read_text())
    assert meta["owner"] == {"service": "", "run": ""}


def test_resume_after_the_merge_ends_the_run(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    first = result(used.run("adopt", "quotes-api", "--json"))
    assert result(used.run("resume", first["run"], "--yes", "--json"))["proposed"] == first["proposed"]
    merge(clone, "quotes-api")
    assert result(used.run("resume", first["run"], "--yes", "--json"))["proposed"] == {}
    assert used.run("doctor", "quotes-api", "--fix", "--yes").code == 0


def test_an_adopted_service_is_configured_and_what_is_the_teams_stays(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    result(used.run("adopt", "quotes-api", "--json"))
    merge(clone, "quotes-api")
    before = tree(clone)
    assert used.run("doctor", "quotes-api", "--fix", "--yes").code == 0
    changes = ("--set", "tier=batch", "--set", "description=Other")
    done = used.run("configure", "quotes-api", *changes, "--yes")
    assert done.code == 0, done.err
    changed = {path for path, about in tree(clone).items() if before.get(path) != about}
    assert changed <= {RECORD, "catalog-info.yaml", "docs/runbook.md"} and RECORD in changed
    assert used.run("doctor", "quotes-api").code == 0


def test_what_the_team_decides_in_the_pull_request_holds(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    result(used.run("adopt", "quotes-api", "--json"))
    git(clone, "switch", "--quiet", "--create", "ours", fetched(clone))
    entry = "- step: alert_rules\n  why: no metrics yet\n  decided_by: payments\n  since: '2026-12-01'\n"
    with (clone / RECORD).open("a") as record:
        record.write(entry)
    git(clone, "commit", "--quiet", "--all", "--message", "No alerts yet")
    git(clone, "push", "--quiet", "origin", "HEAD:platformctl/files_quotes-api")
    git(clone, "switch", "--quiet", "main")
    assert used.run("adopt", "quotes-api").code == 1, "what the team committed is not overwritten"
    merge(clone, "quotes-api")
    assert used.run("doctor", "quotes-api", "--fix", "--yes").code == 0
    assert used.run("doctor", "quotes-api").code == 0
    assert not list((used.home / "monitoring").rglob("quotes-api.yml"))


def test_what_has_ended_is_drift_that_names_its_override(used: World) -> None:
    clone = put(used, "quotes-api", FASTAPI)
    result(used.run("adopt", "quotes-api", "--json"))
    merge(clone, "quotes-api")
    assert used.run("doctor", "quotes-api", "--fix", "--yes").code == 0
    text = git(clone, "show", f"HEAD:{RECORD}")
    used.overwrite("quotes-api", "refs/heads/main", RECORD, re.sub(r"until: '\d+", "until: '2020", text).encode())
    found = result(used.run("doctor", "quotes-api", "--json"), code=3)["findings"]
    ended = {one["part"]: one["expired_override"] for one in found if one["part"]}
    assert ended["app/telemetry/traces.py"]["file"] == "app/*" and ended["CODEOWNERS"]["file"] == "CODEOWNERS"
    assert "app/main.py" not in ended and "Dockerfile" not in ended


def test_a_repository_in_which_the_path_has_been_before_takes_the_rest(used: World) -> None:
    """What equals the path's own is kept and no override; folders of it are not given away as a whole."""
    assert used.run("new", "service", "old-api", "--team", "payments", "--no-input").code == 0
    files = ("app/telemetry/logs.py", "app/telemetry/health.py", ".editorconfig", "CODEOWNERS")
    same = {path: used.git("old-api", "show", f"main:{path}") + "\n" for path in files}
    clone = put(used, "quotes-api", {**FASTAPI, **same})
    found = result(used.run("adopt", "quotes-api", "--json"))["adoption"]
    fates = {one["path"]: one["fate"] for one in found["files"]}
    assert {fates[path] for path in same} == {"equal"}
    covered = {one.get("file") for one in found["overrides"]}
    assert "app/*" not in covered and "app/telemetry/traces.py" in covered and not covered & {*same}
    merge(clone, "quotes-api")
    assert used.run("doctor", "quotes-api", "--fix", "--yes").code == 0
    assert used.run("doctor", "quotes-api").code == 0


def test_without_an_application_of_its_own_the_team_gets_the_paths(used: World) -> None:
    clone = put(used, "quotes-api", {"README.md": "# Quotes\n", "requirements.txt": "flask\n"})
    result(used.run("adopt", "quotes-api", "--team", "payments", "--json"))
    assert "app/main.py" in tree(clone, fetched(clone)) and "tests/platform/conftest.py" in tree(clone, fetched(clone))


def test_on_first_use_the_platform_is_prepared(empty: World) -> None:
    clone = put(empty, "quotes-api", FASTAPI, executable="Makefile")
    before, world = tree(clone), empty.tree()
    assert f"service {NEWEST}" in empty.run("adopt", "quotes-api", "--dry-run").out
    assert empty.tree() == world
    done = empty.run("adopt", "quotes-api")
    assert done.code == 0 and "quotes-api is proposed" in done.out, done.err
    assert "prepared the embedded platform" in done.err and "To look at before the merge" in done.err
    merge(clone, "quotes-api")
    assert {path: tree(clone)[path] for path in before} == before


def test_a_repository_with_nothing_that_runs_is_refused(used: World) -> None:
    put(used, "notes", NOTES)
    says = ["no golden path fits notes", "of its 3 files, 2 were read", "no file of a known language", "--path"]
    used.refused("adopt", "notes", code=2, says=says)
    result(used.run("adopt", "notes", "--path", "service", "--team", "payments", "--dry-run", "--json"))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        row("no-language", {"main.rb": "puts 1\n", "Gemfile": ""}, ["ruby (Gemfile and 1 source file)", "python, go"]),
        row(
            "a-library",
            {"pyproject.toml": '[project]\ndependencies = ["attrs"]\n', "x.py": ""},
            ["41 of 100 points", "no library or call"],
        ),
        row(
            "both",
            {"requirements.txt": "flask\nredis\n", "w.py": "c.xreadgroup()\n"},
            [f"service {NEWEST} and worker 1.0.0 fit both equally well", "--path service or --path worker"],
        ),
    ],
)
def test_what_fits_no_path_or_two_is_refused(files: Files, says: list[str], used: World, request: Any) -> None:
    name = request.node.callspec.id
    put(used, name, files)
    used.refused("adopt", name, "--team", "payments", code=2, says=says)


@pytest.mark.parametrize("damage", ["missing", "not the language"])
def test_what_a_repository_does_not_say_is_asked_for(damage: str, used: World) -> None:
    if damage == "missing":
        put(used, "ledger", GO)
        used.refused("adopt", "ledger", "--no-input", code=2, says=["team is missing", "--set team=…"])
    else:
        put(used, "shop", {"main.rb": "puts 1\n", "Gemfile": ""})
        command = ("adopt", "shop", "--path", "service", "--team", "payments")
        used.refused(*command, code=2, says=[f"service {NEWEST} is for python, go", "shop is ruby", "--set language"])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        row("none", ("no-such",), 2, ["there is no repository 'no-such'"]),
        row("name", ("../base-api",), 2, ["'../base-api' cannot be a repository's name"]),
        row("capital", ("Quotes",), 2, ["'Quotes' cannot be a repository's name"]),
        row("empty", ("",), 2, ["'' cannot be a repository's name"]),
        row("on a path", ("base-api",), 1, [f"base-api is on golden path service {NEWEST} already"]),
        row("the organisation's", ("environments",), 1, ["the organisation's own"]),
        row("path", ("quotes-api", "--path", "nothing"), 2, ["there is no golden path 'nothing'"]),
        row("internal", ("quotes-api", "--path", "base"), 2, ["platformctl's own"]),
        row("version", ("quotes-api", "--path", "service", "--path-version", "9.9.9"), 2, ["no version '9.9.9'"]),
        row("version of what", ("quotes-api", "--path-version", "1.0.0"), 2, ["--path-version needs --path"]),
        row("setting", ("quotes-api", "--set", "colour=red"), 2, ["there is no input 'colour'"]),
        row("value", ("quotes-api", "--set", "tier=huge"), 2, ["tier", "'huge'"]),
        row("renamed", ("quotes-api", "--set", "name=other"), 2, ["a service has its repository's name"]),
        row("itself", ("quotes-api", "--set", "depends_on=quotes-api"), 2, ["cannot depend on itself"]),
        row("team", ("quotes-api", "--team", "!!!"), 2, ["team", "'!!!'"]),
    ],
)
def test_bad_input(arguments: tuple[str, ...], code: int, says: list[str], used: World) -> None:
    put(used, "quotes-api", FASTAPI)
    used.refused("adopt", *arguments, code=code, says=says)


def test_a_team_that_the_platform_does_not_have(acme: World) -> None:
    files = {**FASTAPI, "CODEOWNERS": "* @acme/strangers\n"}
    put(acme, "quotes-api", files)
    (acme.home / "forge" / "local" / "quotes-api.git").rename(acme.home / "forge" / "acme" / "quotes-api.git")
    acme.refused("adopt", "quotes-api", "--no-input", code=2, says=["team is missing"])
    acme.refused("adopt", "quotes-api", "--team", "strangers", code=2, says=["no team 'strangers'", "payments"])


@pytest.mark.parametrize("what", ["master", "no files", "a record that is broken", "somebody's mark"])
def test_a_repository_that_cannot_be_adopted(what: str, used: World) -> None:
    if what == "no files":
        used.git("base-api", "init", "--quiet", "--bare", str(used.home / "forge" / "local" / "quotes-api.git"))
        says, code = ["quotes-api has no default branch main"], 2
    elif what == "master":
        put(used, "quotes-api", FASTAPI, branch="master")
        says, code = ["quotes-api has no default branch main", "rename"], 2
    elif what == "a record that is broken":
        put(used, "quotes-api", {**FASTAPI, RECORD: "schema: 1\n"})
        says, code = [f"quotes-api/{RECORD}", "'service' is missing"], 2
    else:
        put(used, "quotes-api", FASTAPI)
        mark = {"owner": {"service": "base-api", "run": "1"}, "settings": {}, "protection": {}}
        file = used.home / "forge" / "local" / "quotes-api.git" / "platformctl.json"
        file.write_text(json.dumps(mark))
        says, code = ["it belongs to base-api"], 1
    used.refused("adopt", "quotes-api", code=code, says=says)


@pytest.fixture(scope="session")
def points(with_service: Pristine) -> int:
    """How many journal points an adoption has."""
    world = with_service.restored()
    put(world, "quotes-api", FASTAPI)
    return killed_at(world, -1)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.6, 0.8, 0.99])
def test_a_kill_is_finished_and_taken_back(fraction: float, points: int, used: World) -> None:
    """At a share of the journal's points."""
    clone = put(used, "quotes-api", FASTAPI)
    before = tree(clone)
    assert killed_at(used, int(points * fraction)) == -1 and tree(clone) == before
    found = result(used.run("adopt", "quotes-api", "--json"))
    assert found["proposed"] and used.run("undo", found["run"], "--yes").code == 0
    assert tree(clone) == before and git(clone, "branch", "--remotes").split() == ["origin/main"]


def killed_at(world: World, point: int) -> int:
    """Adopt and die at a point: gives -1. A point that does not come gives how many there were."""
    count = world.root / "tmp" / "count"
    script = str(Path(__file__).with_name("killed.py"))
    command = [sys.executable, script, str(count), str(point), "adopt", "quotes-api"]
    done = subprocess.run(command, env=world.environment(), cwd=world.work, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGKILL:
        return -1
    assert done.returncode == 0, done.stderr
    return int(count.read_text())


def test_a_kill_in_the_middle_is_gone_on_with(used: World) -> None:
    """git is killed when it moves the proposal's branch: nothing is there, and the run is finished."""
    clone = put(used, "quotes-api", FASTAPI)
    before = tree(clone)
    used.shim('case "$*" in *platformctl/files_quotes-api*) kill -9 $PPID; exit 1;; esac\nexec ' + f'{GIT} "$@"', "git")
    done = used.start("adopt", "quotes-api")
    done.communicate(timeout=60)
    assert done.returncode == -9
    (used.bin / "git").unlink()
    assert tree(clone) == before
    found = result(used.run("adopt", "quotes-api", "--json"))
    assert found["proposed"]
    runs = result(used.run("runs", "list", "--service", "quotes-api", "--json"))["runs"]
    assert [one["status"] for one in runs] == ["proposed"]
