"""The parts of the GitHub forge that can be tried without a server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from platformctl.backends.forge import Entry, blob_id
from platformctl.backends.forge.github.commits import left_by
from platformctl.backends.forge.github.credential import credential, resolved
from platformctl.backends.forge.github.settings import mark, owner_of
from platformctl.backends.forge.github.trees import Objects, walk
from platformctl.errors import Interrupted, NoAccess
from platformctl.events import Event, Type
from platformctl.model import Owner
from platformctl.reporters.plain import event_text
from tests.conftest import Cli

FILES = {
    "a": b"1",
    "a.b/c": b"2",
    "a/d": b"",
    "lib.go": b"\0\1",
    "lib/x/y/z.sh": b"#!/bin/sh\n",
    "é/ü": "ä".encode(),
}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


def root_of(folder: Path, files: dict[str, bytes]) -> str:
    """The hash that git itself gives a tree of these files."""
    git(folder, "init", "-q")
    (folder / ".git" / "index").unlink(missing_ok=True)
    for path, content in files.items():
        blob = git(folder, "hash-object", "-w", "--stdin", stdin=content)
        mode = "100755" if path.endswith(".sh") else "100644"
        git(folder, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
    return git(folder, "write-tree")


def entries(files: dict[str, bytes]) -> dict[str, Entry]:
    return {path: Entry("100755" if path.endswith(".sh") else "100644", blob_id(text)) for path, text in files.items()}


CHANGES: dict[str, dict[str, bytes | None]] = {
    "everything": dict(FILES),
    "a file added deep in a new folder": {**FILES, "new/deep/er": b"x"},
    "a folder emptied": {**FILES, "lib/x/y/z.sh": None},
    "one changed and one gone": {**FILES, "a.b/c": b"3", "lib.go": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_trees_hash_is_gits_own(change: str, tmp_path: Path) -> None:
    files = {path: text for path, text in FILES.items() if path != "a/d"}
    wanted = {path: text for path, text in CHANGES[change].items() if text is not None and path != "a/d"}
    objects = Objects(tmp_path / "cache")
    before = objects.changed("", dict(entries(files)))
    assert before == root_of(tmp_path, files)
    different: dict[str, Entry | None] = {
        path: entries({path: text})[path] if text is not None else None
        for path, text in CHANGES[change].items()
        if path != "a/d"
    }
    assert objects.changed(before, different) == root_of(tmp_path, wanted)


def test_what_is_known_survives_the_process_and_a_damaged_file_is_not_believed(tmp_path: Path) -> None:
    files = {"a": b"1", "b/c": b"2"}
    root = Objects(tmp_path).changed("", dict(entries(files)))
    assert root
    assert dict(walk(root, Objects(tmp_path).node)) == entries(files)
    place = tmp_path / "trees" / root[:2] / root[2:]
    place.write_bytes(place.read_bytes()[:-1] + b"\0")
    assert Objects(tmp_path).node(root) is None
    assert Objects(tmp_path).changed(root, {"a": None}) is None
    blob = Objects(tmp_path).keep_blob(b"text")
    (tmp_path / "blobs" / blob[:2] / blob[2:]).write_bytes(b"other")
    assert Objects(tmp_path).blob(blob) is None


def test_nothing_left_is_no_tree(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    root = objects.changed("", dict(entries({"a/b": b"1"})))
    assert root
    assert objects.changed(root, {"a/b": None}) == ""


WHOSE: list[tuple[dict[str, Any], Owner]] = [
    (
        {"homepage": mark("https://github.com/acme/svc", Owner("svc", "20261124-1-svc-4f2a"))},
        Owner("svc", "20261124-1-svc-4f2a"),
    ),
    ({"homepage": "https://example.org", "topics": ["golden-path-service"]}, Owner("svc", "")),
    ({"homepage": "https://example.org/#platformctl:svc/run and more"}, Owner("", "")),
    ({"homepage": None, "topics": []}, Owner("", "")),
    ({}, Owner("", "")),
]


@pytest.mark.parametrize(("data", "owner"), WHOSE)
def test_whose_a_repository_is(data: dict[str, Any], owner: Owner) -> None:
    assert owner_of({"name": "svc", **data}) == owner


def forge(credential_: str, **more: Any) -> dict[str, Any]:
    return {"api": "https://api.github.com", "credential": credential_, **more}


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gh that has a token for github.com, and nothing else in the environment."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    program = tmp_path / "gh"
    program.write_text(
        f'#!{sys.executable}\nimport sys\nif sys.argv[1:] != ["auth", "token", "--hostname", "github.com"]:\n'
        '    sys.exit("no oauth token")\nprint("of-gh")\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return program


def test_any_takes_the_environment_before_gh(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert credential(forge("any")).token == "of-gh"
    monkeypatch.setenv("GH_TOKEN", "second")
    assert credential(forge("any")).token == "second"
    monkeypatch.setenv("GITHUB_TOKEN", "first\n")
    assert credential(forge("any")).token == "first"
    assert credential(forge("gh")).token == "of-gh"


def test_a_reference_is_taken_at_its_word(gh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "mine")
    assert credential(forge("env:MINE")).token == "mine"
    (tmp_path / "token").write_text("filed\n")
    assert credential(forge(f"file:{tmp_path / 'token'}")).token == "filed"


MISSING: dict[str, tuple[dict[str, Any], str]] = {
    "variable": (forge("env:NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE is not set"),
    "file": (forge("file:/nowhere/token"), "No such file"),
    "gh has none for the server": (
        {**forge("gh"), "api": "https://git.example.org/api/v3"},
        "no token for git.example.org",
    ),
    "key is none": (
        forge("app", app={"id": 1, "installation": 2, "private_key": "env:NOT_A_KEY"}),
        "private key cannot be used",
    ),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_missing_credential_is_named(case: str, gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_A_KEY", "not a key")
    settings, words = MISSING[case]
    with pytest.raises(NoAccess, match=words):
        credential(settings)


def test_without_any_credential_the_ways_to_one_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAccess) as caught:
        credential(forge("any"))
    assert "GITHUB_TOKEN" in str(caught.value) and "gh auth login" in str(caught.value)
    with pytest.raises(NoAccess):
        resolved("env:GITHUB_TOKEN")


def test_a_wait_is_seen_and_can_be_stopped(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from platformctl.commands.session import Session

    monkeypatch.setenv("PLATFORMCTL_HOME", str(cli.home))
    seen: list[Event] = []
    session = Session.open((seen.append,), "new")
    session.wiring.wait("GitHub asks for a pause (rate limit)", 0.0)
    assert [event_text(event) for event in seen] == ["GitHub asks for a pause (rate limit): waiting 0 s"]
    assert seen[0].type is Type.WAITING
    session.stop.set()
    with pytest.raises(Interrupted):
        session.wiring.wait("GitHub asks for a pause (rate limit)", 60.0)


@pytest.mark.parametrize(
    ("committer", "ours"),
    [
        ({"email": "robot@acme.example", "date": "2026-11-30T10:00:00Z"}, True),
        ({"email": "noreply@github.com", "date": "2026-11-30T10:00:00Z"}, True),
        ({"email": "noreply@github.acme.example", "date": "2026-11-30T10:00:00Z"}, True),
        ({"email": "robot@acme.example", "date": "2026-11-30T10:07:00Z"}, False),
        ({"email": "noreply@github.com", "date": "2026-11-30T10:07:00Z"}, False),
        ({"email": "somebody@acme.example", "date": "2026-11-30T10:00:00Z"}, False),
    ],
    ids=["a user", "an App", "an Enterprise Server's App", "amended later", "rebased on the page", "another committer"],
)
def test_a_commit_is_ours_as_long_as_nobody_has_made_it_anew(committer: dict[str, str], ours: bool) -> None:
    message = "Upgrade\n\nPlatformctl-Service: svc\nPlatformctl-Run: run-1\n"
    author = {"email": "robot@acme.example", "date": "2026-11-30T10:00:00Z"}
    commit = {"message": message, "author": author, "committer": committer}
    assert left_by(commit) == (Owner("svc", "run-1") if ours else Owner("", ""))
