"""`files` on a branch that takes no commits: a forge that refuses them, with real git behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Left, Proposed, Undone
from platformctl.answers import FILE, Answers
from platformctl.backends.forge import Commit
from platformctl.backends.forge.local import LocalForge
from platformctl.engine.plan import make
from platformctl.engine.request import Request
from platformctl.errors import Moved, NoAccess, Protected
from platformctl.model import Change, File, Kind, Owner, Plane, Step
from platformctl.recipe import Recipe
from platformctl.resources.files import Files
from platformctl.resources.proposals import head_of

HEAD = "platformctl/files_svc"
ME = Owner("svc", "run-2")


class Guarded(LocalForge):
    """Takes no commits on `main` while it is guarded."""

    guarded = False

    def commit(self, name: str, branch: str, parent: str, commit: Commit) -> str:
        if self.guarded and branch == "main":
            raise Protected("main is protected")
        return super().commit(name, branch, parent, commit)


def tree(tier: str, about: str = "a service", **more: str) -> dict[str, File]:
    record = Answers("svc", "service", "1.0.0", {"name": "svc", "tier": tier, "description": about})
    files = {"ci.yml": f"tier: {tier}\n", FILE: record.to_text(), **more}
    return {path: File(text.encode()) for path, text in files.items()}


def inputs(files: dict[str, File], previous: dict[str, File] | None = None) -> dict[str, Any]:
    given = {"repository": "svc", "files": [files], "managed": ["*"]}
    return {**given, "previous": {"files": [previous]}} if previous else given


@pytest.fixture
def forge(tmp_path: Path) -> Guarded:
    """A repository with files of an earlier run, guarded from now on."""
    made = Guarded(tmp_path, "acme")
    made.create_repository("svc", {"default_branch": "main"}, Owner("svc", "run-1"))
    change(made, tree("standard"), run="run-1", kind=Kind.CREATE)
    made.guarded = True
    return made


def change(
    forge: Guarded, files: dict[str, File], run: str = "run-2", kind: Kind = Kind.UPDATE, **options: Any
) -> tuple[Change, Any]:
    """Apply files as a run does; gives the change with its mark, and what came of it."""
    action, given = Files(forge), inputs(files, **options)
    (address, after), seen = next(iter(action.desired(given).items())), action.observe(given)["files/svc"]
    lines = tuple(action.differences(given, address, seen)) if seen.value is not None else ()
    owner = Owner("svc", run)
    asked = Change(
        address, kind, "files", Plane.DEVELOPER, "files", seen.value, after, seen.revision, lines, owner=owner
    )
    return asked, action.apply(given, asked)


def content(forge: Guarded, ref: str, path: str) -> str:
    found = forge.read("svc", forge.head("svc", ref), path)
    return "" if found is None else found.decode()


def accept(forge: Guarded, head: str = HEAD) -> None:
    """Merge what one commit proposes, as one commit with its message, and remove its branch."""
    at = forge.head("svc", head)
    before, after = (forge.tree("svc", commit) for commit in (f"{at}^", at))
    files: dict[str, File | None] = dict.fromkeys(before.keys() - after.keys())
    files |= {path: File(forge.blob("svc", after[path].blob)) for path in after if before.get(path) != after[path]}
    by_hand(forge, files, f"Merge (#1)\n\nPlatformctl-Service: svc\nPlatformctl-Run: {forge.made_by('svc', at).run}\n")
    forge.withdraw("svc", head, at)


def by_hand(forge: Guarded, files: dict[str, File | None], message: str = "by hand") -> None:
    """What somebody who may do so puts on `main`."""
    forge.guarded = False
    forge.commit("svc", "main", forge.head("svc", "main"), Commit(files, message))
    forge.guarded = True


def test_what_the_branch_does_not_take_is_proposed(forge: Guarded) -> None:
    main = forge.head("svc", "main")
    _, done = change(forge, tree("batch"), previous=tree("standard"))
    assert isinstance(done, Proposed) and done.url.endswith(f"svc.git#{HEAD}")
    assert (content(forge, HEAD, "ci.yml"), content(forge, "main", "ci.yml")) == ("tier: batch\n", "tier: standard\n")
    assert forge.head("svc", "main") == main and forge.made_by("svc", forge.head("svc", HEAD)) == ME
    assert Files(forge).proposed(inputs(tree("batch"))) == {"files/svc": done.url}


def test_running_it_again_proposes_nothing_new(forge: Guarded) -> None:
    _, first = change(forge, tree("batch"))
    at = forge.head("svc", HEAD)
    _, second = change(forge, tree("batch"), "run-3")
    assert (second, forge.head("svc", HEAD)) == (first, at)


def test_another_wish_replaces_what_is_proposed(forge: Guarded) -> None:
    _, first = change(forge, tree("batch", more="1"))
    _, second = change(forge, tree("high-availability"), "run-3")
    assert second == first
    assert (content(forge, HEAD, "ci.yml"), content(forge, HEAD, "more")) == ("tier: high-availability\n", "")


def test_a_reviewer_reads_what_and_why_and_nothing_in_it_is_markup(forge: Guarded, tmp_path: Path) -> None:
    evil = "x\n\n# Heading\u2028<script> @everyone ```"
    change(forge, tree("batch", evil, **{"new\n# file": "1"}), previous=tree("standard"))
    record = json.loads((tmp_path / "acme" / "svc.git" / "platformctl.json").read_text())["proposals"][HEAD]
    assert record["title"] == "Update .platformctl.yaml, ci.yml and 1 more"
    text = record["body"]
    assert "    tier: standard → batch\n" in text and "    change ci.yml\n" in text
    assert "Golden path `service` 1.0.0" in text and "`platformctl doctor svc --fix`" in text
    assert text.endswith("Platformctl-Service: svc\nPlatformctl-Run: run-2\n")
    marked = [line for line in text.splitlines() if any(word in line for word in ("Heading", "script", "# file"))]
    assert len(marked) == 2 and all(line.startswith("    ") for line in marked)


def test_undo_withdraws_and_leaves_nothing(forge: Guarded) -> None:
    main = forge.head("svc", "main")
    asked, _ = change(forge, tree("batch"))
    for _ in range(2):
        assert Files(forge).undo(asked) == Undone()
        assert (forge.head("svc", HEAD), forge.head("svc", "main")) == ("", main)
    assert Files(forge).proposed(inputs(tree("batch"))) == {}


def test_undo_withdraws_a_branch_that_a_kill_left_without_its_record(forge: Guarded, tmp_path: Path) -> None:
    asked, _ = change(forge, tree("batch"))
    file = tmp_path / "acme" / "svc.git" / "platformctl.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "proposals": {}}))
    assert Files(forge).undo(asked) == Undone() and forge.head("svc", HEAD) == ""


def test_undo_leaves_what_another_run_has_proposed(forge: Guarded) -> None:
    change(forge, tree("batch"))
    again, _ = change(forge, tree("batch"), "run-3")
    assert Files(forge).undo(again) == Undone() and forge.head("svc", HEAD)


def test_what_somebody_else_committed_to_it_is_never_lost(forge: Guarded) -> None:
    asked, first = change(forge, tree("batch"))
    theirs = forge.commit("svc", HEAD, forge.head("svc", HEAD), Commit({"README.md": File(b"theirs\n")}, "by hand"))
    assert change(forge, tree("batch"), "run-3")[1] == first
    with pytest.raises(Moved, match="somebody else has committed to platformctl/files_svc"):
        change(forge, tree("high-availability"), "run-4")
    assert Files(forge).undo(asked) == Left(f"somebody else has committed to {HEAD}")
    assert forge.head("svc", HEAD) == theirs


def test_what_was_accepted_is_taken_back_by_a_proposal(forge: Guarded) -> None:
    asked, _ = change(forge, tree("batch", more="1"))
    accept(forge)
    back = head_of("files/svc", "undo_")
    for _ in range(2):
        left = Files(forge).undo(asked)
        assert isinstance(left, Left) and left.why.endswith(f"proposed: {forge.proposal('svc', 'main', back).url}")  # type: ignore[union-attr]
    assert (content(forge, back, "ci.yml"), content(forge, back, "more")) == ("tier: standard\n", "")
    by_hand(forge, {"theirs": File(b"1")})
    accept(forge, back)
    main = forge.head("svc", "main")
    assert Files(forge).undo(asked) == Undone()
    assert (forge.head("svc", "main"), forge.head("svc", back)) == (main, "")
    assert (content(forge, "main", "ci.yml"), content(forge, "main", "theirs")) == ("tier: standard\n", "1")


def test_what_was_accepted_and_edited_since_is_left(forge: Guarded) -> None:
    asked, _ = change(forge, tree("batch"))
    accept(forge)
    by_hand(forge, {"ci.yml": File(b"mine\n")})
    assert Files(forge).undo(asked) == Left("files were changed since")


@pytest.mark.parametrize(
    ("answers", "breaks", "said"),
    [
        ("standard", None, []),
        ("batch", None, ["files/svc is proposed: URL"]),
        ("batch", NoAccess("no permission"), ["cannot see what is proposed for the files: no permission"]),
    ],
)
def test_a_plan_that_differs_says_what_is_proposed(
    answers: str, breaks: Exception | None, said: list[str], forge: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, done = change(forge, tree("batch"))
    asked: list[str] = []
    look = forge.proposal

    def proposal(name: str, branch: str, head: str) -> Any:
        asked.append(head)
        if breaks is not None:
            raise breaks
        return look(name, branch, head)

    monkeypatch.setattr(forge, "proposal", proposal)
    given = inputs(tree(answers))
    step = Step("files", "files", Plane.DEVELOPER, "the files", {key: f"${{{{ platform.{key} }}}}" for key in given})
    recipe = Recipe("path", "1.0.0", "for a test", {}, (step,))
    plan = make(Request(recipe, {"name": "svc"}, given, lambda uses, folders: Files(forge)))
    assert list(plan.steps[0].notes) == [note.replace("URL", done.url) for note in said]
    assert asked == ([HEAD] if said else [])


def test_no_two_addresses_share_a_branch() -> None:
    addresses = ["files/svc", "files/svc/a", "manifests/environments/staging/svc", "files/lock"]
    heads = [head_of(address) for address in addresses] + [head_of("files/svc", "undo_")]
    assert len({*heads}) == len(heads)
    assert not [head for head in heads if head.endswith(".lock") or head.count("/") != 1]


def proposed(files: dict[str, File], **more: Any) -> dict[str, Any]:
    return {**inputs(files), "proposal": {"title": "Take it", "text": "Because."}, **more}


def ask(forge: Guarded, given: dict[str, Any], run: str = "run-2") -> tuple[Change, Any]:
    """Propose files as a run does."""
    action = Files(forge)
    (address, after), seen = next(iter(action.desired(given).items())), action.observe(given)["files/svc"]
    lines = tuple(action.differences(given, address, seen))
    kind = Kind.CREATE if seen.value is None else Kind.UPDATE
    owner = Owner("svc", run)
    asked = Change(
        address, kind, "files", Plane.DEVELOPER, "files", seen.value, after, seen.revision, lines, owner=owner
    )
    return asked, action.apply(given, asked)


@pytest.fixture
def theirs(tmp_path: Path) -> Guarded:
    """A repository that a team has made, with a file that equals one of the path's and one that does not."""
    made = Guarded(tmp_path, "acme")
    made.create_repository("svc", {"default_branch": "main"}, Owner("", ""))
    files = {"ci.yml": File(b"tier: batch\n"), "README.md": File(b"theirs\n")}
    made.commit("svc", "main", "", Commit(files, "by hand"))
    return made


def test_what_is_asked_for_is_proposed_though_the_branch_would_take_it(theirs: Guarded, tmp_path: Path) -> None:
    main = theirs.head("svc", "main")
    given = proposed(tree("batch", more="1", **{"README.md": "ours\n"}), overridden=["README.md", "more*"])
    _, done = ask(theirs, given)
    assert isinstance(done, Proposed) and theirs.head("svc", "main") == main
    assert {*theirs.tree("svc", theirs.head("svc", HEAD))} == {"ci.yml", "README.md", FILE}
    assert content(theirs, HEAD, "README.md") == "theirs\n"
    record = json.loads((tmp_path / "acme" / "svc.git" / "platformctl.json").read_text())["proposals"][HEAD]
    assert record["title"] == "Take it" and record["body"].startswith(
        "Because.\n\nFiles:\n\n    add .platformctl.yaml\n"
    )


def test_what_equals_the_paths_begins_nothing_before_the_team_agrees(theirs: Guarded) -> None:
    files = tree("batch", seeded="1")
    given = {**proposed(files), "managed": ["ci.yml", FILE]}
    asked, _ = ask(theirs, given)
    assert asked.kind is Kind.CREATE and content(theirs, HEAD, "seeded") == "1"
    accept(theirs)
    assert Files(theirs).observe(given)["files/svc"].value is not None
    assert ask(theirs, given)[0].differences == ()


@pytest.mark.parametrize("merged", [False, True])
def test_undo_of_what_was_asked_for_leaves_what_the_team_did_since(merged: bool, theirs: Guarded) -> None:
    asked, _ = ask(theirs, proposed(tree("batch")))
    if merged:
        accept(theirs)
    by_hand(theirs, {"more": File(b"theirs too\n")})
    theirs.guarded = False
    undone = Files(theirs).undo(asked)
    assert undone == (Left("files were changed since") if merged else Undone())
    assert (content(theirs, "main", "more"), theirs.head("svc", HEAD)) == ("theirs too\n", "")
