"""What every backend of the port `forge` does. A new backend is one more entry in `BACKENDS`."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from platformctl.backends.forge import Commit, Entry, Forge, Pipeline, Proposal, blob_id
from platformctl.backends.forge.github.forge import GitHubForge
from platformctl.backends.forge.local import LocalForge
from platformctl.errors import BadConfig, Failure, Moved, NotFound, Protected, Taken
from platformctl.model import File, Owner
from platformctl.port import Checks
from platformctl.testing.github import FakeGitHub, Fault, Request
from tests.github import TOKEN, VARIABLE, completed
from tests.openapi.exchanges import problems


@contextmanager
def on_github(folder: Path, **settings: str) -> Iterator[Forge]:
    with FakeGitHub(folder / "github", organisation="acme") as github:
        github.token(TOKEN, role="admin")
        github.team("payments", "Payments")
        github.team("security", "Security")
        yield GitHubForge(completed(github, folder, **settings), folder / "cache")
    assert problems(github.exchanges) == []


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Forge]]] = {
    "local": lambda folder: nullcontext(LocalForge(folder / "forge", "acme")),
    "github": on_github,
}
SETTINGS = {
    "description": "d",
    "topics": ["a", "b"],
    "visibility": "private",
    "default_branch": "main",
    "merge": "squash",
    "archived": False,
    "teams": {"payments": "maintain"},
    "security_updates": True,
    "properties": {},
}
RULES = {
    "reviews": 1,
    "code_owners": True,
    "checks": ["service / test"],
    "linear_history": True,
    "bypass": ["organisation-admin"],
    "force_push": False,
    "deletion": False,
}
ME = Owner("svc", "run-1")


@pytest.fixture(params=BACKENDS)
def forge(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    monkeypatch.setenv(VARIABLE, TOKEN)
    with BACKENDS[request.param](tmp_path) as made:
        yield made


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
    other = {
        "description": "new",
        "topics": [],
        "visibility": "public",
        "default_branch": "main",
        "merge": "rebase",
        "archived": False,
        "teams": {"security": "read"},
        "security_updates": False,
        "properties": {},
    }
    after = made.update_repository("svc", other, before.revision)
    assert dict(after.settings) == other and after.revision != before.revision
    with pytest.raises(Moved):
        made.update_repository("svc", SETTINGS, before.revision)
    assert made.repository("svc") == after


def test_a_repository_with_commits_is_not_deleted(made: Forge) -> None:
    state = made.repository("svc")
    assert state is not None
    head = put(made, "", a="1")
    with pytest.raises(Moved):
        made.delete_repository("svc", state.revision)
    made.tag("svc", "v1", head)
    made.rewind("svc", "main", head, "")
    with pytest.raises(Moved):
        made.delete_repository("svc", state.revision)
    made.delete_tag("svc", "v1", head)
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
    assert dict(made.tree("svc", head)) == {
        path: Entry(file.mode, blob_id(file.content)) for path, file in files.items()
    }
    assert dict(made.tree("svc", head, "x")) == {"y.sh": Entry("100755", blob_id(files["x/y.sh"].content))}
    assert dict(made.tree("svc", head, "nowhere")) == {}
    assert made.read("svc", head, odd) == bytes(range(256))
    assert made.read("svc", head, "nothing") is None
    assert made.blob("svc", blob_id(files[odd].content)) == bytes(range(256))


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
    swapped_and_lifted(made)


def swapped_and_lifted(made: Forge) -> None:
    revision = made.protect("svc", "main", RULES, "")
    assert made.protection("svc", "main") == ({**RULES, "in_force": True}, revision)
    with pytest.raises(Moved):
        made.protect("svc", "main", {**RULES, "reviews": 2}, "")
    revision = made.protect("svc", "main", {**RULES, "checks": [], "bypass": []}, revision)
    assert made.protection("svc", "main")[0]["checks"] == []
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


def test_one_file_is_swapped_by_its_content(made: Forge) -> None:
    put(made, "", other="1")
    assert made.file("svc", "main", "a/b.yaml") is None
    blob = made.put_file("svc", "main", "a/b.yaml", b"1\n", "", "one")
    assert made.file("svc", "main", "a/b.yaml") == (b"1\n", blob)
    for seen in ("", "0" * 40):
        with pytest.raises(Moved):
            made.put_file("svc", "main", "a/b.yaml", b"2\n", seen, "two")
    second = made.put_file("svc", "main", "a/b.yaml", b"3\n", blob, "three")
    with pytest.raises(Moved):
        made.put_file("svc", "main", "a/b.yaml", None, blob, "gone")
    assert made.put_file("svc", "main", "a/b.yaml", None, second, "gone") == ""
    assert made.file("svc", "main", "a/b.yaml") is None
    assert made.file("svc", "main", "other") == (b"1", blob_id(b"1"))


def test_who_may_call_workflows_is_swapped(made: Forge) -> None:
    assert made.callers("svc") == "nobody"
    made.allow_callers("svc", "organisation", "nobody")
    assert made.callers("svc") == "organisation"
    with pytest.raises(Moved):
        made.allow_callers("svc", "nobody", "nobody")


ENVIRONMENT = {"reviewers": ["payments"], "wait_minutes": 5, "protected_branches_only": True}


def test_a_deployment_environment_is_swapped_and_removed(made: Forge) -> None:
    assert made.environment("svc", "staging") == made.environment("nowhere", "staging") == (None, "")
    first = made.set_environment("svc", "staging", ENVIRONMENT, "")
    assert made.environment("svc", "staging") == (ENVIRONMENT, first)
    other = {"reviewers": [], "wait_minutes": 0, "protected_branches_only": False}
    for seen in ("", "not the revision"):
        with pytest.raises(Moved):
            made.set_environment("svc", "staging", other, seen)
    second = made.set_environment("svc", "staging", other, first)
    assert made.environment("svc", "staging") == (other, second) != (other, first)
    assert made.environment("svc", "production/eu") == (None, "")
    with pytest.raises(Moved):
        made.set_environment("svc", "staging", None, first)
    assert made.set_environment("svc", "staging", None, second) == ""
    assert made.environment("svc", "staging") == (None, "")


def test_variables_and_secrets_of_a_pipeline_are_swapped(made: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "one")
    assert made.pipeline("svc", ["A"], ["S"]) == made.pipeline("nowhere", ["A"], ["S"]) == Pipeline()
    first = made.settle_pipeline("svc", {"A": "1", "B": "é ☕"}, {"S": "env:SECRET", "T": "env:SECRET"}, "")
    assert (first.variables, set(first.secrets)) == ({"A": "1", "B": "é ☕"}, {"S", "T"})
    assert made.pipeline("svc", ["A", "B"], ["S", "T"]) == first
    assert made.pipeline("svc", ["B", "C"], []) == Pipeline({"B": "é ☕"})
    for seen in ("", "not the revision", made.pipeline("svc", ["A"], ["S"]).revision):
        with pytest.raises(Moved):
            made.settle_pipeline("svc", {"A": "2", "B": "2"}, {"S": "env:SECRET"}, seen)
    assert made.pipeline("svc", ["A", "B"], ["S", "T"]) == first
    second = made.settle_pipeline("svc", {"A": "2", "B": None}, {"S": None, "T": "env:OTHER"}, first.revision)
    assert second == made.pipeline("svc", ["A", "B"], ["S", "T"]) == Pipeline({"A": "2"}, {"T": first.secrets["T"]})
    assert Pipeline.secrets_of(second.revision) == second.secrets
    made.settle_pipeline("svc", {"A": None}, {"T": None}, second.revision)
    assert made.pipeline("svc", ["A", "B"], ["S", "T"]) == Pipeline()


def test_what_is_nobodys_is_adopted_and_nothing_else(made: Forge) -> None:
    with pytest.raises(Taken):
        made.adopt_repository("svc", Owner("other", "run-2"))
    made.adopt_repository("svc", Owner("svc", "run-2"))
    state = made.repository("svc")
    assert state is not None and state.owner == Owner("svc", "run-2")
    made.disown_repository("svc", ME)
    assert made.repository("svc") == state
    made.disown_repository("svc", Owner("svc", "run-2"))
    state = made.repository("svc")
    assert state is not None and not state.owner.run


def test_a_released_tag_is_remembered_and_not_made_up(made: Forge) -> None:
    head = put(made, "", a="1")
    assert made.release("svc", "v1") == ""
    made.tag("svc", "v1", head)
    assert made.release("svc", "v1") == head


def proposing(made: Forge, parent: str, before: str = "", run: str = "run-1", **files: str | None) -> str:
    """Propose files from a parent; gives the URL."""
    tree = {name: None if text is None else File(text.encode()) for name, text in files.items()}
    text = f"Change it\n\nPlatformctl-Service: svc\nPlatformctl-Run: {run}\n"
    proposal = Proposal(HEAD, parent, Commit(tree, text), f"Change it in {run}", "why")
    return made.propose("svc", "main", proposal, before).url


HEAD = "platformctl/files_svc"


def test_a_proposal_is_found_again_and_brought_up_to_date(made: Forge) -> None:
    main = put(made, "", a="1", b="1", c="1")
    assert made.proposal("svc", "main", HEAD) is None
    url = proposing(made, main, a="2", b=None)
    first = made.head("svc", HEAD)
    found = made.proposal("svc", "main", HEAD)
    assert found is not None and (found.url, found.commit) == (url, first)
    assert made.proposal("svc", "other", HEAD) is None
    assert made.made_by("svc", first) == made.left_by("svc", first) == Owner("svc", "run-1")
    assert made.parents("svc", first) == [main]
    assert set(made.tree("svc", first)) == {"a", "c"} and made.head("svc", "main") == main

    assert proposing(made, main, first, "run-2", a="2", b=None) == url
    assert made.head("svc", HEAD) == first

    assert proposing(made, main, first, "run-3", c="3") == url
    second = made.head("svc", HEAD)
    assert [made.read("svc", second, path) for path in "abc"] == [b"1", b"1", b"3"]
    assert made.made_by("svc", second) == Owner("svc", "run-3")
    found = made.proposal("svc", "main", HEAD)
    assert found is not None and (found.url, found.commit) == (url, second)


def test_a_proposal_follows_its_branch(made: Forge) -> None:
    main = put(made, "", a="1", b="1")
    url = proposing(made, main, a="2")
    first = made.head("svc", HEAD)
    moved = put(made, main, b="2")
    assert proposing(made, moved, first, a="2") == url
    second = made.head("svc", HEAD)
    assert [made.read("svc", second, path) for path in "ab"] == [b"2", b"2"]
    assert len(made.history("svc", second)) == 4


def test_a_proposal_is_swapped_and_withdrawn(made: Forge) -> None:
    main = put(made, "", a="1")
    proposing(made, main, a="2")
    first = made.head("svc", HEAD)
    by_hand = made.commit("svc", HEAD, first, Commit({"a": File(b"3")}, "by hand"))
    for before in ("", first):
        with pytest.raises(Moved):
            proposing(made, main, before, a="4")
    with pytest.raises(Moved):
        made.withdraw("svc", HEAD, first)
    assert made.head("svc", HEAD) == by_hand
    made.withdraw("svc", HEAD, by_hand)
    assert (made.head("svc", HEAD), made.proposal("svc", "main", HEAD)) == ("", None)
    made.withdraw("svc", HEAD, by_hand)
    assert made.head("svc", "main") == main


def test_a_proposal_is_merged_with_what_its_branch_has_got_since(made: Forge) -> None:
    main = put(made, "", a="1", b="1")
    proposing(made, main, a="2")
    first = made.head("svc", HEAD)
    assert made.checks("svc", first) is Checks.NONE
    put(made, main, b="2")
    merged = made.merge("svc", "main", HEAD, first)
    assert made.head("svc", "main") == merged
    assert [made.read("svc", merged, path) for path in "ab"] == [b"2", b"2"]
    assert (made.proposal("svc", "main", HEAD), made.head("svc", HEAD)) == (None, "")
    assert made.made_by("svc", merged) == Owner("svc", "run-1")
    assert made.merge("svc", "main", HEAD, first) == merged, "what is merged already stays as it is"


def test_only_what_was_looked_at_is_merged(made: Forge) -> None:
    main = put(made, "", a="1")
    proposing(made, main, a="2")
    first = made.head("svc", HEAD)
    second = made.commit("svc", HEAD, first, Commit({"a": File(b"3")}, "by hand"))
    with pytest.raises(Moved):
        made.merge("svc", "main", HEAD, first)
    assert (made.head("svc", "main"), made.head("svc", HEAD)) == (main, second)
    made.withdraw("svc", HEAD, second)
    with pytest.raises(Moved):
        made.merge("svc", "main", HEAD, second)
    assert made.head("svc", "main") == main


def test_what_conflicts_is_not_merged(made: Forge) -> None:
    main = put(made, "", a="1")
    proposing(made, main, a="2")
    first = made.head("svc", HEAD)
    moved = put(made, main, a="3")
    with pytest.raises(Moved):
        made.merge("svc", "main", HEAD, first)
    assert (made.head("svc", "main"), made.head("svc", HEAD)) == (moved, first)


# What follows is about the embedded forge alone: it is its own server.


def test_a_proposal_without_its_record_gets_one_and_a_merged_one_is_not_open(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path, "acme")
    forge.create_repository("svc", SETTINGS, ME)
    main = put(forge, "", a="1")
    url = proposing(forge, main, a="2")
    head = forge.head("svc", HEAD)
    record = tmp_path / "acme" / "svc.git" / "platformctl.json"
    kept = json.loads(record.read_text())
    assert kept.pop("proposals")[HEAD] == {"branch": "main", "title": "Change it in run-1", "body": "why"}
    record.write_text(json.dumps(kept))
    assert forge.proposal("svc", "main", HEAD) is None
    assert proposing(forge, main, head, a="2") == url
    assert forge.proposal("svc", "main", HEAD) is not None and forge.head("svc", HEAD) == head
    git(tmp_path / "acme" / "svc.git", "update-ref", "refs/heads/main", head)
    assert forge.proposal("svc", "main", HEAD) is None


def test_a_team_that_only_reads_is_waited_for_by_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    with on_github(tmp_path) as forge:
        assert isinstance(forge, GitHubForge)
        forge.create_repository("svc", {**SETTINGS, "teams": {"payments": "maintain", "security": "read"}}, ME)
        before, asked = forge.repository("svc"), forge.usage().requests
        assert before is not None
        after = forge.update_repository("svc", {**SETTINGS, "description": "new"}, before.revision)
        assert after.settings["teams"] == {"payments": "maintain", "security": "read"}
        assert forge.usage().requests - asked == 5  # a look, the write, and one look more; each look is two


def test_classic_protection_is_swapped_and_lifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    with on_github(tmp_path, protection="classic") as forge:
        forge.create_repository("svc", SETTINGS, ME)
        put(forge, "", a="1")
        swapped_and_lifted(forge)
        with pytest.raises(BadConfig, match="lets app:12 not through"):
            forge.protect("svc", "main", {**RULES, "bypass": ["app:12"]}, "")


def test_the_same_release_is_the_same_commit_everywhere(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path, "acme")
    commit = Commit({"a": File(b"1")}, "Release\n", "2026-11-23T00:00:00+00:00")
    heads = set()
    for name in ("one", "two"):
        forge.create_repository(name, SETTINGS, Owner("x", name))
        heads.add(forge.commit(name, "main", "", commit))
    assert len(heads) == 1


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


def test_a_hook_that_git_looks_for_elsewhere_is_not_in_force(local: tuple[LocalForge, Path], tmp_path: Path) -> None:
    forge, _ = local
    with (tmp_path / "forge" / "acme" / "svc.git" / "config").open("a") as config:
        config.write('[core]\n\tHooksPath = "/nowhere"\n')
    rules, revision = forge.protection("svc", "main")
    assert rules["in_force"] is False
    forge.protect("svc", "main", {"reviews": 1}, revision)
    assert forge.protection("svc", "main")[0]["in_force"] is True
    assert forge.protection("svc", "main")[1] != revision


def test_settings_that_nobody_asked_for_stay(local: tuple[LocalForge, Path], tmp_path: Path) -> None:
    forge, _ = local
    file = tmp_path / "forge" / "acme" / "svc.git" / "platformctl.json"
    whole = json.loads(file.read_text())
    theirs = {"teams": {"payments": "maintain", "audit": "read", "mallory": "admin"}, "properties": {"a": "b"}}
    whole["settings"] |= {"wiki": True, **theirs}
    file.write_text(json.dumps(whole))
    seen = forge.repository("svc")
    assert seen is not None
    after = forge.update_repository("svc", {**SETTINGS, "teams": {"payments": "admin"}}, seen.revision).settings
    assert (after["wiki"], after["properties"]) == (True, {"a": "b"})
    assert after["teams"] == {"payments": "admin", "audit": "read"}


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


def test_damaged_settings_are_named(local: tuple[LocalForge, Path], tmp_path: Path) -> None:
    forge, _ = local
    (tmp_path / "forge" / "acme" / "svc.git" / "platformctl.json").write_text("{")
    with pytest.raises(BadConfig, match=r"platformctl\.json"):
        forge.repository("svc")


def test_a_users_git_configuration_does_not_reach_it(
    local: tuple[LocalForge, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    forge, _ = local
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/nowhere")
    assert put(forge, forge.head("svc", "main"), b="1")


# What follows is about GitHub alone: it protects branches from whoever may not bypass.


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeGitHub, GitHubForge]]:
    """A fake GitHub with the repository `svc`."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr("platformctl.backends.forge.github.manners._PAUSE", 0.01)
    with FakeGitHub(tmp_path / "github", organisation="acme") as github:
        github.token(TOKEN, role="admin")
        github.team("payments", "Payments")
        forge = GitHubForge(completed(github, tmp_path), tmp_path / "cache")
        forge.create_repository("svc", SETTINGS, ME)
        yield github, forge
    assert problems(github.exchanges) == []


def test_a_protected_branch_takes_proposals_alone(hub: tuple[FakeGitHub, GitHubForge]) -> None:
    github, forge = hub
    main = put(forge, "", a="1")
    forge.protect("svc", "main", {**RULES, "bypass": []}, "")
    with pytest.raises(Protected, match="Changes must be made through a pull request"):
        put(forge, main, a="2")
    with pytest.raises(Protected):
        forge.put_file("svc", "main", "b", b"1", "", "one")
    with pytest.raises(Protected):
        forge.rewind("svc", "main", main, "")
    assert proposing(forge, main, a="2") == f"{github.web_url}/acme/svc/pull/1"
    assert forge.head("svc", "main") == main


def test_rules_keep_a_proposal_out(hub: tuple[FakeGitHub, GitHubForge]) -> None:
    _, forge = hub
    main = put(forge, "", a="1")
    forge.protect("svc", "main", {**RULES, "bypass": []}, "")
    proposing(forge, main, a="2")
    with pytest.raises(Protected, match="review"):
        forge.merge("svc", "main", HEAD, forge.head("svc", HEAD))
    assert forge.head("svc", "main") == main


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "502"])
def test_bad_weather_merges_once(kind: str, hub: tuple[FakeGitHub, GitHubForge]) -> None:
    github, forge = hub
    main = put(forge, "", a="1")
    proposing(forge, main, a="2")
    at = forge.head("svc", HEAD)
    github.faults.add(Fault(kind, match=lambda request: request.path.endswith("/merge")))
    merged = forge.merge("svc", "main", HEAD, at)
    assert forge.head("svc", "main") == merged and len(forge.history("svc", merged)) == 2


CHECKS: list[tuple[list[tuple[str, str]], Checks]] = [
    ([("a", "success")], Checks.GREEN),
    ([("a", "success"), ("b", "pending")], Checks.PENDING),
    ([("a", "failure"), ("b", "pending")], Checks.RED),
    ([("a", "success"), ("b", "error")], Checks.RED),
    ([("a", "failure"), ("a", "success")], Checks.GREEN),
    ([("run a", "success"), ("b", "success")], Checks.GREEN),
    ([("run a", "queued"), ("b", "success")], Checks.PENDING),
    ([("run a", "skipped"), ("run b", "neutral")], Checks.GREEN),
    ([("run a", "cancelled"), ("b", "success")], Checks.RED),
    ([("run a", "timed_out")], Checks.RED),
]


@pytest.mark.parametrize(("said", "together"), CHECKS)
def test_checks_have_one_word_together(
    said: list[tuple[str, str]], together: Checks, hub: tuple[FakeGitHub, GitHubForge]
) -> None:
    github, forge = hub
    commit = put(forge, "", a="1")
    for name, word in said:
        github.check("svc", commit, name.removeprefix("run "), word, run=name.startswith("run "))
    assert forge.checks("svc", commit) is together


WEATHER = [
    (kind, verb, end)
    for kind in ("reset_before", "reset_after", "502")
    for verb, end in (("POST", "/refs"), ("POST", "/pulls"), ("PATCH", "/files_svc"))
]


@pytest.mark.parametrize(("kind", "verb", "end"), WEATHER)
def test_bad_weather_opens_one_proposal(kind: str, verb: str, end: str, hub: tuple[FakeGitHub, GitHubForge]) -> None:
    github, forge = hub
    main = put(forge, "", a="1")
    hit: list[str] = []

    def match(request: Request) -> bool:
        found = request.method == verb and request.path.endswith(end)
        hit.extend([request.path] * found)
        return found

    github.faults.add(Fault(kind, match=match))
    url = proposing(forge, main, a="2")
    assert proposing(forge, main, forge.head("svc", HEAD), a="3") == url
    assert hit and url.endswith("/pull/1")
    assert forge.read("svc", forge.head("svc", HEAD), "a") == b"3"
