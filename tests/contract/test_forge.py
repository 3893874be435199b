"""What every backend of the port `forge` does. A new backend is one more entry in `BACKENDS`."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from platformctl.backends.forge import Commit, Entry, Forge
from platformctl.backends.forge.local import LocalForge
from platformctl.errors import BadConfig, Failure, Moved, NotFound, Taken
from platformctl.model import File, Owner
from platformctl.resources.files import blob_id

BACKENDS: dict[str, Callable[[Path], Forge]] = {"local": lambda folder: LocalForge(folder, "acme")}
SETTINGS = {"description": "d", "default_branch": "main", "visibility": "internal"}
ME = Owner("svc", "run-1")


@pytest.fixture(params=BACKENDS)
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Forge:
    return BACKENDS[request.param](tmp_path / "forge")


@pytest.fixture
def made(forge: Forge) -> Forge:
    forge.create_repository("svc", SETTINGS, ME)
    return forge


def put(forge: Forge, parent: str, message: str = "m", **files: str | None) -> str:
    tree = {name: None if text is None else File(text.encode()) for name, text in files.items()}
    return forge.commit("svc", "main", parent, Commit(tree, message))


def test_what_is_not_there_is_not_an_error(forge: Forge) -> None:
    assert forge.repository("svc") is None
    assert forge.repositories() == []
    assert forge.head("svc", "main") == ""
    assert forge.protection("svc", "main") == (None, "")


def test_a_repository_carries_its_mark_from_the_first_moment(forge: Forge) -> None:
    state = forge.create_repository("svc", SETTINGS, ME)
    assert (state.owner, dict(state.settings)) == (ME, SETTINGS)
    assert forge.repository("svc") == state
    assert forge.repositories() == ["svc"]


def test_a_name_is_taken_once(made: Forge) -> None:
    with pytest.raises(Taken):
        made.create_repository("svc", SETTINGS, Owner("other", "run-2"))
    state = made.repository("svc")
    assert state is not None and state.owner == ME


def test_settings_are_swapped(made: Forge) -> None:
    before = made.repository("svc")
    assert before is not None
    after = made.update_repository("svc", {**SETTINGS, "description": "new"}, before.revision)
    assert after.settings["description"] == "new" and after.revision != before.revision
    with pytest.raises(Moved):
        made.update_repository("svc", SETTINGS, before.revision)
    assert made.repository("svc") == after


def test_a_repository_with_commits_is_not_deleted(made: Forge) -> None:
    state = made.repository("svc")
    assert state is not None
    head = put(made, "", a="1")
    with pytest.raises(Moved):
        made.delete_repository("svc", state.revision)
    made.rewind("svc", "main", head, "")
    with pytest.raises(Moved):
        made.delete_repository("svc", "not the revision")
    made.delete_repository("svc", state.revision)
    assert made.repository("svc") is None
    made.delete_repository("svc", "")


def test_files_are_one_commit_and_read_back(made: Forge) -> None:
    odd = 'a "b"\\c\nd é.txt'
    files = {"x/y.sh": File(b"#!/bin/sh\n", executable=True), odd: File(bytes(range(256))), "empty": File(b"")}
    head = made.commit("svc", "main", "", Commit(dict(files), "subject\n\nPlatformctl-Service: svc\n"))
    assert made.head("svc", "main") == head
    assert dict(made.tree("svc", head)) == {path: Entry(file.mode, blob_id(file)) for path, file in files.items()}
    assert dict(made.tree("svc", head, "x")) == {"y.sh": Entry("100755", blob_id(files["x/y.sh"]))}
    assert dict(made.tree("svc", head, "nowhere")) == {}
    assert made.read("svc", head, odd) == bytes(range(256))
    assert made.read("svc", head, "nothing") is None
    assert made.blob("svc", blob_id(files[odd])) == bytes(range(256))


def test_a_commit_changes_what_it_names_and_keeps_the_rest(made: Forge) -> None:
    first = put(made, "", a="1", b="2", c="3")
    second = put(made, first, a="4", b=None)
    assert set(made.tree("svc", second)) == {"a", "c"}
    assert made.read("svc", second, "a") == b"4"


def test_a_branch_is_swapped(made: Forge) -> None:
    first = put(made, "", a="1")
    second = put(made, first, a="2")
    for parent in ("", first):
        with pytest.raises(Moved):
            put(made, parent, a="3")
    with pytest.raises(Moved):
        made.rewind("svc", "main", first, "")
    assert made.head("svc", "main") == second


def test_the_same_release_is_the_same_commit_everywhere(forge: Forge, tmp_path: Path) -> None:
    commit = Commit({"a": File(b"1")}, "Release\n", "2026-11-23T00:00:00+00:00")
    heads = set()
    for name in ("one", "two"):
        forge.create_repository(name, SETTINGS, Owner("x", name))
        heads.add(forge.commit(name, "main", "", commit))
    assert len(heads) == 1


def test_history_says_whose_commits_they_are(made: Forge) -> None:
    mark = "m\n\nPlatformctl-Service: svc\nPlatformctl-Run: run-1\n"
    head = put(made, put(made, "", mark, a="1"), "by hand", a="2")
    assert made.history("svc", head) == [Owner("", ""), ME]


def test_tags_do_not_move(made: Forge) -> None:
    first = put(made, "", a="1")
    second = put(made, first, a="2")
    made.tag("svc", "v1", first)
    made.tag("svc", "v1", first)
    with pytest.raises(Taken):
        made.tag("svc", "v1", second)
    assert made.head("svc", "refs/tags/v1") == first
    with pytest.raises(Moved):
        made.delete_tag("svc", "v1", second)
    made.delete_tag("svc", "v1", first)
    assert made.head("svc", "refs/tags/v1") == ""


def test_protection_is_swapped_and_lifted(made: Forge) -> None:
    rules = {"reviews": 1}
    revision = made.protect("svc", "main", rules, "")
    assert made.protection("svc", "main") == ({"reviews": 1, "in_force": True}, revision)
    with pytest.raises(Moved):
        made.protect("svc", "main", {"reviews": 2}, "")
    made.protect("svc", "main", None, revision)
    assert made.protection("svc", "main") == (None, "")


def test_one_of_many_writers_wins_and_the_others_lose_cleanly(made: Forge) -> None:
    head = put(made, "", a="0")
    results: list[str] = []

    def write(number: int) -> None:
        try:
            put(made, head, **{f"f{number}": "x"})
            results.append("won")
        except Moved:
            results.append("lost")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost"] * 7 + ["won"]
    assert len(made.tree("svc", made.head("svc", "main"))) == 2


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", ".git", "-x", "a\n"])
def test_names_that_could_leave_the_forge_are_refused(name: str, forge: Forge) -> None:
    with pytest.raises(Failure):
        forge.create_repository(name, SETTINGS, ME)
    with pytest.raises(NotFound):
        forge.tree("nowhere", "x")


# What follows is about the embedded forge alone: it is its own server.


@pytest.fixture
def local(tmp_path: Path) -> tuple[LocalForge, Path]:
    """A protected repository of the embedded forge, and a clone with one more commit."""
    forge = LocalForge(tmp_path / "forge", "acme")
    forge.create_repository("svc", SETTINGS, ME)
    put(forge, "", a="1")
    forge.protect("svc", "main", {"reviews": 1}, "")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", forge.clone_url("svc"), "clone")
    (clone / "a").write_text("2")
    git(clone, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qam", "by hand")
    return forge, clone


def git(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (code == 0), done.stderr
    return done.stdout + done.stderr


PUSHES = {
    "direct": ("push", "origin", "main"),
    "forced": ("push", "--force", "origin", "HEAD~0:main"),
    "rewritten": ("push", "--force", "origin", "+HEAD~1:main"),
    "deleted": ("push", "origin", ":main"),
    "hooks switched off by the pusher": ("-c", "core.hooksPath=/nowhere", "push", "origin", "main"),
}


@pytest.mark.parametrize("push", [name for name in PUSHES if name != "rewritten"])
def test_the_repository_refuses_pushes_to_a_protected_branch(push: str, local: tuple[LocalForge, Path]) -> None:
    forge, clone = local
    head = forge.head("svc", "main")
    said = git(clone, *PUSHES[push], code=1)
    assert "main is protected" in said or "deletion" in said
    assert forge.head("svc", "main") == head


def test_other_branches_can_be_pushed_and_platformctl_has_its_own_way(local: tuple[LocalForge, Path]) -> None:
    forge, clone = local
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/change")
    assert forge.head("svc", "change")
    put(forge, forge.head("svc", "main"), a="3")


def test_a_tampered_hook_is_seen(local: tuple[LocalForge, Path], tmp_path: Path) -> None:
    forge, _ = local
    hook = tmp_path / "forge" / "acme" / "svc.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 0\n")
    rules, revision = forge.protection("svc", "main")
    assert rules["in_force"] is False
    forge.protect("svc", "main", {"reviews": 1}, revision)
    assert forge.protection("svc", "main")[0]["in_force"] is True


def test_a_killed_git_leaves_no_lock_for_ever(local: tuple[LocalForge, Path], tmp_path: Path) -> None:
    forge, _ = local
    lock = tmp_path / "forge" / "acme" / "svc.git" / "refs" / "heads" / "main.lock"
    lock.touch()
    import os

    os.utime(lock, (0, 0))
    put(forge, forge.head("svc", "main"), a="4")


def test_what_a_killed_creation_left_is_swept(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path / "forge", "acme")
    (tmp_path / "forge" / "acme" / ".svc.run-0.git").mkdir(parents=True)
    forge.create_repository("svc", SETTINGS, ME)
    assert [path.name for path in (tmp_path / "forge" / "acme").iterdir()] == ["svc.git"]


def test_damaged_settings_are_named(made: Forge, tmp_path: Path) -> None:
    (tmp_path / "forge" / "acme" / "svc.git" / "platformctl.json").write_text("{")
    with pytest.raises(BadConfig, match=r"platformctl\.json"):
        made.repository("svc")


def test_a_users_git_configuration_does_not_reach_it(made: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/nowhere")
    assert put(made, "", a="1")
