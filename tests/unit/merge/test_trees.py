"""Whole trees merged three ways: what becomes of each file, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from platformctl.merge import Conflict, Dispute, Fate, Rename, Three, merge_trees
from platformctl.model import File, Tree

CODE = "".join(f"def step_{number}():\n    return {number}\n\n\n" for number in range(6))
EDITED = CODE.replace("return 1", "return 'ours'")
NEWER = CODE.replace("return 4", "return 'theirs'")
BOTH = EDITED.replace("return 4", "return 'theirs'")
CLASH = CODE.replace("return 1", "return 'theirs'")
OTHER = "".join(f"NAME_{number} = 'something else, number {number}'\n" for number in range(9))


def tree(**files: str) -> dict[str, File]:
    return {name.replace("__", "/") + ".py": File(text.encode()) for name, text in files.items()}


@dataclass(frozen=True)
class Case:
    base: Tree
    ours: Tree
    theirs: Tree
    merged: Tree
    fates: Mapping[str, Fate]
    moves: Mapping[str, str] = field(default_factory=dict)
    renames: tuple[Rename, ...] = ()


CASES = {
    "nothing changed": Case(tree(a=CODE), tree(a=CODE, own=OTHER), tree(a=CODE), tree(a=CODE, own=OTHER), {}),
    "the path changed it": Case(tree(a=CODE), tree(a=CODE), tree(a=NEWER), tree(a=NEWER), {"a.py": Fate.UPDATED}),
    "the team changed it": Case(tree(a=CODE), tree(a=EDITED), tree(a=CODE), tree(a=EDITED), {}),
    "both changed it": Case(tree(a=CODE), tree(a=EDITED), tree(a=NEWER), tree(a=BOTH), {"a.py": Fate.MERGED}),
    "both made the same change": Case(tree(a=CODE), tree(a=EDITED), tree(a=EDITED), tree(a=EDITED), {}),
    "the path added it": Case({}, tree(own=OTHER), tree(a=CODE), tree(a=CODE, own=OTHER), {"a.py": Fate.ADDED}),
    "both added the same": Case({}, tree(a=CODE), tree(a=CODE), tree(a=CODE), {}),
    "the team deleted it and the path did not touch it": Case(tree(a=CODE), {}, tree(a=CODE), {}, {}),
    "the team deleted it and the path changed it": Case(
        tree(a=CODE), {}, tree(a=NEWER), {}, {"a.py": Fate.STAYS_DELETED}
    ),
    "the team deleted it and the path moved it": Case(
        tree(a=CODE), {}, tree(b=NEWER), {}, {"b.py": Fate.STAYS_DELETED}, renames=(Rename("a.py", "b.py", False),)
    ),
    "both deleted it": Case(tree(a=CODE), {}, {}, {}, {}),
    "the path dropped it": Case(tree(a=CODE), tree(a=CODE), {}, {}, {"a.py": Fate.REMOVED}),
    "the path dropped it and the team has changed it": Case(
        tree(a=CODE), tree(a=EDITED), {}, tree(a=EDITED), {"a.py": Fate.KEPT}
    ),
    "the path dropped it and the team has moved it": Case(
        tree(a=CODE), tree(b=CODE), {}, tree(b=CODE), {"b.py": Fate.KEPT}, renames=(Rename("a.py", "b.py", True),)
    ),
    "the path moved it": Case(
        tree(a=CODE),
        tree(a=CODE),
        tree(b__c=NEWER),
        tree(b__c=NEWER),
        {"b/c.py": Fate.MOVED},
        renames=(Rename("a.py", "b/c.py", False),),
    ),
    "the path moved what the team edited": Case(
        tree(a=CODE),
        tree(a=EDITED),
        tree(b__c=NEWER),
        tree(b__c=BOTH),
        {"b/c.py": Fate.MOVED},
        renames=(Rename("a.py", "b/c.py", False),),
    ),
    "the team moved what the path changed": Case(
        tree(a=CODE),
        tree(c=EDITED),
        tree(a=NEWER),
        tree(c=BOTH),
        {"c.py": Fate.MERGED},
        renames=(Rename("a.py", "c.py", True),),
    ),
    "both moved it to one place": Case(
        tree(a=CODE),
        tree(c=EDITED),
        tree(c=NEWER),
        tree(c=BOTH),
        {"c.py": Fate.MERGED},
        renames=(Rename("a.py", "c.py", False), Rename("a.py", "c.py", True)),
    ),
    "both moved it, each elsewhere": Case(
        tree(a=CODE),
        tree(ours=EDITED),
        tree(theirs=NEWER),
        tree(ours=BOTH),
        {"ours.py": Fate.PLACED},
        renames=(Rename("a.py", "theirs.py", False), Rename("a.py", "ours.py", True)),
    ),
    "a declared move of what has become something else": Case(
        tree(a=CODE),
        tree(a=CODE, own=OTHER),
        tree(b=OTHER),
        tree(b=OTHER, own=OTHER),
        {"b.py": Fate.MOVED},
        moves={"a.py": "b.py"},
        renames=(Rename("a.py", "b.py", False),),
    ),
    "a declared move wins over what looks alike": Case(
        tree(a=CODE),
        tree(a=EDITED),
        tree(alike=CODE, declared=NEWER),
        tree(alike=CODE, declared=BOTH),
        {"declared.py": Fate.MOVED, "alike.py": Fate.ADDED},
        moves={"a.py": "declared.py"},
        renames=(Rename("a.py", "declared.py", False),),
    ),
    "a declared move that leaves something where it was": Case(
        tree(a=CODE),
        tree(a=EDITED),
        tree(a="from b import *\n", b=NEWER),
        tree(a="from b import *\n", b=BOTH),
        {"a.py": Fate.ADDED, "b.py": Fate.MOVED},
        moves={"a.py": "b.py"},
        renames=(Rename("a.py", "b.py", False),),
    ),
    "empty files are never taken for one another": Case(
        tree(a__x="", b__x="", c=CODE),
        tree(b__x="", mine__x="", c=CODE),
        tree(a__x="", z__x="", c=CODE),
        tree(mine__x="", z__x="", c=CODE),
        {"b/x.py": Fate.REMOVED, "z/x.py": Fate.ADDED},
    ),
    "nor are small ones": Case(
        tree(a="VERSION = 1\n"),
        tree(b="VERSION = 1\n"),
        tree(a="VERSION = 2\n"),
        tree(b="VERSION = 1\n"),
        {"a.py": Fate.STAYS_DELETED},
    ),
    "of files that are the same the one with the same name was moved": Case(
        tree(a__x=CODE, a__y=CODE),
        tree(a__x=EDITED, a__y=CODE),
        tree(b__x=CODE, b__y=CODE),
        tree(b__x=EDITED, b__y=CODE),
        {"b/x.py": Fate.MOVED, "b/y.py": Fate.MOVED},
        renames=(Rename("a/x.py", "b/x.py", False), Rename("a/y.py", "b/y.py", False)),
    ),
    "new files go where the team has moved their folder": Case(
        tree(app__x=CODE, app__y=OTHER),
        tree(src__app__x=EDITED, src__app__y=OTHER),
        tree(app__x=CODE, app__y=OTHER, app__z="Z = 1\n"),
        tree(src__app__x=EDITED, src__app__y=OTHER, src__app__z="Z = 1\n"),
        {"src/app/z.py": Fate.ADDED},
        renames=(Rename("app/z.py", "src/app/z.py", True),),
    ),
    "two files that change places": Case(
        tree(a=CODE, b=OTHER),
        tree(a=EDITED, b=OTHER),
        tree(a=OTHER, b=NEWER),
        tree(a=OTHER, b=BOTH),
        {"a.py": Fate.MOVED, "b.py": Fate.MOVED},
        moves={"a.py": "b.py", "b.py": "a.py"},
        renames=(Rename("a.py", "b.py", False), Rename("b.py", "a.py", False)),
    ),
    "a rename of the team that nothing hangs on": Case(
        tree(a=CODE, x=OTHER), tree(b=CODE, x=OTHER), tree(a=CODE, x="x"), tree(b=CODE, x="x"), {"x.py": Fate.UPDATED}
    ),
    "a file becomes a folder": Case(
        tree(a=CODE),
        {"a.py": File(CODE.encode())},
        {"a.py/b": File(b"x")},
        {"a.py/b": File(b"x")},
        {"a.py": Fate.REMOVED, "a.py/b": Fate.ADDED},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_file_has_its_fate(name: str) -> None:
    case = CASES[name]
    merged = merge_trees(case.base, case.ours, case.theirs, case.moves)
    assert merged.tree == case.merged
    assert merged.fates == case.fates
    assert merged.renames == case.renames
    assert merged.conflicts == ()


def test_a_conflict_has_gits_three_stages_each_with_its_path() -> None:
    base, ours, theirs = tree(a=CODE), tree(c=EDITED), tree(a=CLASH)
    merged = merge_trees(base, ours, theirs)
    assert merged.fates == {"c.py": Fate.CONFLICT}
    assert merged.conflicts == (
        Conflict("c.py", base["a.py"], ours["c.py"], theirs["a.py"], Three("a.py", "c.py", "a.py")),
    )
    assert b"<<<<<<< the service\n    return 'ours'\n" in merged.tree["c.py"].content


def test_a_moved_file_in_conflict_is_where_the_path_moved_it() -> None:
    base, ours, theirs = tree(a=CODE), tree(a=EDITED), tree(b=CLASH)
    merged = merge_trees(base, ours, theirs, labels=Three("service 1.0.0", "us", "service 1.1.0"))
    assert [(conflict.path, conflict.paths) for conflict in merged.conflicts] == [
        ("b.py", Three("a.py", "a.py", "b.py"))
    ]
    assert b">>>>>>> service 1.1.0\n" in merged.tree["b.py"].content and "a.py" not in merged.tree


def test_a_new_file_where_the_team_has_a_folder_is_a_conflict_and_the_folder_stays() -> None:
    ours = {"docs/own.md": File(b"x")}
    for path in ("docs", "docs/own.md/more"):
        theirs = {path: File(b"y")}
        merged = merge_trees({}, ours, theirs)
        assert merged.tree == ours and merged.fates == {path: Fate.CONFLICT}
        assert merged.conflicts == (
            Conflict(path, None, None, theirs[path], Three.of(path), dispute=Dispute.IN_THE_WAY),
        )


def test_a_new_file_where_the_team_has_a_link_is_a_conflict_too() -> None:
    for path in ("docs", "docs/more.md"):
        merged = merge_trees({}, {}, {path: File(b"y")}, others=["docs"])
        assert (
            merged.tree == {}
            and merged.fates == {path: Fate.CONFLICT}
            and merged.conflicts[0].dispute is Dispute.IN_THE_WAY
        )
    merged = merge_trees({"docs": File(b"x")}, {}, {"docs": File(b"y")}, others=["docs"])
    assert merged.tree == {} and merged.fates == {"docs": Fate.STAYS_DELETED}


def test_a_move_to_where_the_team_has_a_folder_leaves_the_file_where_it_is() -> None:
    base, theirs = {"a.py": File(CODE.encode())}, {"b": File(NEWER.encode())}
    ours = {"a.py": File(EDITED.encode()), "b/own.md": File(b"x")}
    merged = merge_trees(base, ours, theirs)
    assert merged.tree == {"a.py": File(BOTH.encode()), "b/own.md": File(b"x")}
    assert merged.fates == {"a.py": Fate.CONFLICT} and merged.conflicts[0].paths == Three("a.py", "a.py", "b")
    assert merged.conflicts[0].dispute is Dispute.IN_THE_WAY


def test_of_moves_in_a_row_none_loses_a_file_where_the_last_is_blocked() -> None:
    texts = {name: "".join(f"{name} {number}\n" for number in range(40)).encode() for name in "wx"}
    edited = {name: text + b"ours\n" for name, text in texts.items()}
    base = {"w.py": File(texts["w"]), "x.py": File(texts["x"])}
    ours = {"w.py": File(edited["w"]), "x.py": File(edited["x"]), "y.py/own.md": File(b"own")}
    theirs = {"x.py": File(texts["w"]), "y.py": File(texts["x"])}
    merged = merge_trees(base, ours, theirs, {"w.py": "x.py", "x.py": "y.py"})
    assert merged.tree == ours
    assert {one.path: one.dispute for one in merged.conflicts} == dict.fromkeys(["w.py", "x.py"], Dispute.IN_THE_WAY)


def test_a_move_to_where_the_team_has_something_of_its_own_loses_neither() -> None:
    merged = merge_trees(tree(a=CODE), tree(a=EDITED, b=OTHER), tree(b=NEWER))
    assert merged.tree["a.py"].content == EDITED.encode() and merged.fates == {"a.py": Fate.KEPT, "b.py": Fate.CONFLICT}
    assert merged.conflicts[0].ours == File(OTHER.encode()) and merged.conflicts[0].theirs == File(NEWER.encode())


def test_executable_bits_are_merged_three_ways() -> None:
    for base, ours, theirs in [(False, True, False), (False, False, True), (True, False, True), (True, True, False)]:
        expected = theirs if base == ours else ours
        merged = merge_trees(
            {"run": File(CODE.encode(), base)},
            {"run": File(EDITED.encode(), ours)},
            {"run": File(NEWER.encode(), theirs)},
        )
        assert merged.tree == {"run": File(BOTH.encode(), expected)}


def test_a_bit_alone_is_a_change() -> None:
    merged = merge_trees({"run": File(b"x")}, {"run": File(b"x")}, {"run": File(b"x", True)})
    assert merged.tree == {"run": File(b"x", True)} and merged.fates == {"run": Fate.UPDATED}
    assert merge_trees({"run": File(b"x")}, {}, {"run": File(b"x", True)}).fates == {"run": Fate.STAYS_DELETED}
    assert merge_trees({"run": File(b"x")}, {"run": File(b"x", True)}, {}).fates == {"run": Fate.KEPT}


def test_binary_files_that_both_changed_are_a_conflict_and_stay_ours() -> None:
    logo = Three(File(b"\0one"), File(b"\0ours"), File(b"\0theirs"))
    merged = merge_trees(*({"logo.png": side} for side in logo))
    assert merged.tree == {"logo.png": logo.ours}
    assert merged.conflicts == (Conflict("logo.png", *logo, paths=Three.of("logo.png"), dispute=Dispute.BINARY),)


def test_a_binary_file_is_followed_too() -> None:
    content = b"\0" + bytes(range(256)) * 4
    merged = merge_trees({"a.png": File(content)}, {"a.png": File(content, True)}, {"b.png": File(content)})
    assert merged.tree == {"b.png": File(content, True)} and merged.fates == {"b.png": Fate.MOVED}


def test_what_both_added_is_merged_or_a_conflict_without_a_base() -> None:
    merged = merge_trees(
        {},
        {"a.yaml": File(b"x: 1\n"), "b.py": File(b"x\n")},
        {"a.yaml": File(b"y: 1\n"), "b.py": File(b"y\n")},
    )
    assert merged.tree["a.yaml"] == File(b"x: 1\ny: 1\n")
    assert merged.fates == {"a.yaml": Fate.MERGED, "b.py": Fate.CONFLICT}
    assert merged.conflicts[0].base is None
