"""What a version's migration does to answers, overrides and files, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl import migration, migration_script
from platformctl.commands import path_lint
from platformctl.commands.path_release import Releasing
from platformctl.errors import BadConfig, BadRecipe
from platformctl.golden_path import GoldenPath
from platformctl.migration import Operation
from platformctl.model import File
from platformctl.overrides import Override
from platformctl.rewriting import rewritten
from tests.paths import NAME, Paths

DAY = date(2026, 11, 30)


def given(*operations: dict[str, Any]) -> list[Operation]:
    return [Operation(kind, about, Path(), "") for one in operations for kind, about in one.items()]


def rename(before: str, after: str) -> dict[str, Any]:
    return {"rename_input": {"from": before, "to": after}}


def move(before: str, after: str) -> dict[str, Any]:
    return {"move_file": {"from": before, "to": after}}


@pytest.mark.parametrize(
    ("operations", "answers", "after"),
    [
        ([rename("a", "b")], {"a": 1, "c": 2}, {"b": 1, "c": 2}),
        ([rename("s.a", "s.b")], {"s": {"a": 1, "x": 2}}, {"s": {"b": 1, "x": 2}}),
        ([rename("s.a", "a")], {"s": {"a": [1]}}, {"a": [1]}),
        ([rename("a", "t.u.v")], {"a": None}, {"t": {"u": {"v": None}}}),
        ([rename("a", "b")], {"c": 2}, {"c": 2}),
        ([rename("s.a", "s.b")], {"s": 3}, {"s": 3}),
        ([rename("a", "b"), rename("b", "c")], {"a": 1}, {"c": 1}),
        ([{"drop_input": {"name": "s.a"}}], {"s": {"a": 1, "b": 2}}, {"s": {"b": 2}}),
        ([{"drop_input": {"name": "a"}}], {}, {}),
    ],
)
def test_answers_come_along(operations: list[dict[str, Any]], answers: dict[str, Any], after: dict[str, Any]) -> None:
    before = yaml.safe_dump(answers)
    assert migration.migrated_answers(given(*operations), answers) == after
    assert yaml.safe_dump(answers) == before


def test_files_move_once_and_their_overrides_with_them() -> None:
    operations = given(move("OWNERS", "docs/OWNERS"), move("docs/OWNERS", ".github/OWNERS"), move("a", "b"))
    assert migration.moves(operations) == {"OWNERS": ".github/OWNERS", "docs/OWNERS": ".github/OWNERS", "a": "b"}
    about = {"why": "x", "decided_by": "y", "since": DAY}
    overrides = (Override(**about, file="OWNERS"), Override(**about, file="lib/*"), Override(**about, step="a"))
    moved = migration.migrated_overrides(operations, overrides)
    assert [one.target for one in moved] == ["file:.github/OWNERS", "file:lib/*", "step:a"]


@pytest.mark.parametrize(
    ("answers", "after"),
    [
        ({"slo": {"a": 1}}, {"goal": {"a": 1}}),
        ({"slo": {"a": 1, "b": 2}}, {"slo": {"b": 2}, "goal": {"a": 1}}),
        ({}, {}),
    ],
)
def test_a_group_that_is_empty_goes(answers: dict[str, Any], after: dict[str, Any]) -> None:
    assert migration.migrated_answers(given(rename("slo.a", "goal.a")), answers) == after
    assert migration.migrated_answers(given({"drop_input": {"name": "slo.a"}}), {"slo": {"a": 1}}) == {}


def test_no_answer_is_overwritten() -> None:
    renames = given(rename("a", "b"))
    with pytest.raises(BadConfig, match="answer b is there already"):
        migration.migrated_answers(renames, {"a": 1, "b": 2})
    assert migration.migrated_answers(renames, {"b": 2}) == {"b": 2}


def path_with(folder: Path, **migrations: str) -> GoldenPath:
    versions = tuple(name.removeprefix("v").replace("_", ".") for name in migrations)
    for version, text in zip(versions, migrations.values(), strict=True):
        (folder / version).mkdir(parents=True)
        if text:
            (folder / version / "migration.yaml").write_text(text)
    return GoldenPath("p", "P", "o", "s", "production", False, folder, versions)


def test_the_versions_on_the_way_are_carried_out_and_no_others(tmp_path: Path) -> None:
    text = "schema: 1\noperations:\n  - drop_input: {{name: {}}}\n"
    path = path_with(
        tmp_path, v1_0_0=text.format("a"), v1_1_0="", v1_2_0=text.format("b"), v1_10_0=text.format("c"), v2_0_0=""
    )
    found = [one.given["name"] for one in migration.between(path, "1.0.0", "1.10.0")]
    assert found == ["b", "c"]
    assert migration.between(path, "1.2.0", "1.2.0") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema: 1\noperations: []\n", "operations"),
        ("schema: 1\noperations:\n  - explode: {}\n", "explode"),
        ("schema: 1\noperations:\n  - drop_input: {name: a}\n    move_file: {from: a, to: b}\n", "migration.yaml:3"),
        ("schema: 1\noperations:\n  - move_file: {from: ../a, to: b}\n", "the path '../a' is outside of the repo"),
        ("schema: 1\noperations:\n  - move_file: {from: /a, to: b}\n", "the path '/a' is outside"),
        ("schema: 1\noperations:\n  - move_file:\n      from: a\n      to: b/.Git/config\n", ":5: the path 'b/.Git/"),
        ("schema: 1\noperations:\n  - move_file: {from: a, to: 'b\\c'}\n", "the path 'b\\\\c' is outside"),
        ("schema: 1\noperations:\n  - rewrite: {file: .git/x.json, at: [a], value: 1}\n", "the path '.git/x.json'"),
        ('schema: 1\noperations:\n  - rewrite: {file: "a\\nb.json", at: [a], value: 1}\n', "the path 'a\\nb.json'"),
        ("schema: 1\noperations:\n  - script: {run: ../a.py, why: x}\n", "'../a.py' is outside of the version's"),
        ('schema: 1\noperations:\n  - script: {run: "", why: x}\n', "the path '' is outside of the version's folder"),
        ("schema: 1\noperations:\n  - script: {run: no.py, why: x}\n", "there is no script 'no.py'"),
        ("schema: 1\noperations:\n  - script: {run: code, why: x}\n", "'code' is no file of the version's folder"),
        ("schema: 1\noperations:\n  - script: {run: away.py, why: x}\n", "'away.py' is no file of the version's"),
        ("schema: 1\noperations:\n  - script: {run: round.py, why: x}\n", "there is no script 'round.py'"),
        ("schema: 1\noperations: {a: b}\n", "operations: {'a': 'b'} is not of type array"),
        ("- 1\n", "[1] is not of type object"),
        ("schema: [\n", "not valid YAML"),
        ("schema: 2\noperations:\n  - drop_input: {name: a}\n", "schema"),
    ],
)
def test_a_migration_that_is_not_right_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = path_with(tmp_path, v1_0_0="", v1_1_0=text)
    (tmp_path / "1.1.0" / "code").mkdir()
    (tmp_path / "1.1.0" / "round.py").symlink_to("round.py")
    (tmp_path / "elsewhere.py").write_text("")
    (tmp_path / "1.1.0" / "away.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(BadRecipe) as refused:
        migration.between(path, "1.0.0", "1.1.0")
    assert says in str(refused.value) and "migration.yaml:" in str(refused.value)


WRONG: Final = """\
schema: 1
operations:
  - rename_inptu: {from: a, to: b}
  - rename_input: {to: b}
  - script: {run: no.py, why: x}
  - drop_input: {name: a}
"""
SAYS: Final = (
    "migration.yaml:3: operations.0: 'rename_inptu' is not known; known: rename_input, drop_input, move_file, rewrite,"
    " script",
    "migration.yaml:4: operations.1.rename_input: 'from' is missing",
    "migration.yaml:5: there is no script 'no.py'",
)


def test_lint_and_release_name_everything_that_is_wrong_with_a_migration(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "paths")
    folder = paths.copy("0.2.0")
    (folder / "migration.yaml").write_text(WRONG)
    _, problems = path_lint.lint(NAME, paths.session())
    wanted = [f"{folder}/{line}" for line in SAYS]
    assert [f"{one.where}: {one.what}" for one in problems] == wanted
    check = next(Releasing(NAME, "0.2.0", paths.session()).checks(print))
    assert list(check.problems) == wanted
    (folder / "migration.yaml").write_text("schema: 1\noperations:\n  - drop_input: {name: a}\n")
    assert not path_lint.lint(NAME, paths.session())[1]


@pytest.mark.parametrize(
    ("path", "text", "at", "value", "after"),
    [
        ("a.yaml", "# c\na:   1  # one\nb:\n    - x\n", ["a"], 2, "# c\na:   2  # one\nb:\n    - x\n"),
        ("a.yml", "b:\n    -   {y: 2, z:   3}   # t\n", ["b", 0, "z"], "q", "b:\n    -   {y: 2, z:   q}   # t\n"),
        ("a.yaml", "a: 'x'\n", ["a"], "b: c", "a: 'b: c'\n"),
        ("a.yaml", "a: [1, 2]\n", ["a"], [3], "a: [3]\n"),
        ("a.toml", "[t]\nx   = 'a' # keep\ny = [1,\n  2]\n", ["t", "x"], "b", '[t]\nx   = "b" # keep\ny = [1,\n  2]\n'),
        ("a.json", '{"a": 1,\n\t"b": [1, {"c": "d"}]}', ["b", 1, "c"], "é", '{"a": 1,\n\t"b": [1, {"c": "é"}]}'),
        ("a.yaml", "a: 1\nb:\nc: 2\n", ["b"], 2, "a: 1\nb: 2\nc: 2\n"),
        ("a.yaml", "b: # soon\n", ["b"], 2, "b: 2 # soon\n"),
        ("a.yaml", "b:\n-\n- 1\n", ["b", 0], 2, "b:\n- 2\n- 1\n"),
        ("a.yaml", "x: &x 1\ny: *x\nb: 1\n", ["b"], 2, "x: &x 1\ny: *x\nb: 2\n"),
        ("a.yaml", "b: 1\n---\nb: 2\n", [1, "b"], 3, "b: 1\n---\nb: 3\n"),
        ("a.yaml", "\ufeffb: 1\r\nc: 2\r\n", ["b"], 3, "\ufeffb: 3\r\nc: 2\r\n"),
        ("a.yaml", "b: 1", ["b"], 3, "b: 3"),
        ("a.yaml", "b: &x 1\na: *x\n", ["a"], 2, "b: &x 1\na: 2\n"),
        ("a.toml", "\ufeffb = 1\n", ["b"], 3, "\ufeffb = 3\n"),
        ("a.toml", "a.b = 1\n[c]\nd.e = {f = 1}\n", ["c", "d", "e", "f"], 3, "a.b = 1\n[c]\nd.e = {f = 3}\n"),
        ("a.toml", "a.b = 1\n[c]\nd = 1\n", ["a", "b"], {"x": [1, "y"]}, 'a.b = {"x" = [1, "y"]}\n[c]\nd = 1\n'),
        (
            "a.toml",
            "[[rule]]\nx = 1\n\n[tool]\nb = 1\n\n# second\n[[rule]]\nx = 2\n\n[project]\nn = 1\n",
            ["tool", "b"],
            2,
            "[[rule]]\nx = 1\n\n[tool]\nb = 2\n\n# second\n[[rule]]\nx = 2\n\n[project]\nn = 1\n",
        ),
        (
            "a.toml",
            "[[tool.x]]\na = 1\n[project]\nb = 1\n[[tool.x.y]]\nc = 1\n",
            ["project", "b"],
            2,
            "[[tool.x]]\na = 1\n[project]\nb = 2\n[[tool.x.y]]\nc = 1\n",
        ),
        ("a.json", '{"b": "\x7f", "c": 1}', ["c"], 2, '{"b": "\x7f", "c": 2}'),
        ("a.yaml", "a: 1\n", ["b"], 2, "a: 1\n"),
        ("a.yaml", "a: 1\n", ["a", "b"], 2, "a: 1\n"),
        ("a.yaml", "a: [1]\n", ["a", 3], 2, "a: [1]\n"),
        ("a.toml", "a = 1\n", ["t", "x"], 2, "a = 1\n"),
        ("a.yaml", "", ["a"], 2, ""),
    ],
)
def test_one_value_is_written_and_no_other_byte(
    path: str, text: str, at: list[str | int], value: Any, after: str
) -> None:
    assert rewritten(path, text.encode(), at, value).decode() == after


def test_a_value_is_written_only_where_the_one_before_stands() -> None:
    assert rewritten("a.toml", b"x = 1\n", ["x"], 2, 1) == b"x = 2\n"
    assert rewritten("a.toml", b"x = 3\n", ["x"], 2, 1) == b"x = 3\n"
    assert rewritten("a.yaml", b"x: 3\n", ["x"], 2, 1) == b"x: 3\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "a: [1\n"),
        ("a.json", "a: 1\n"),
        ("a.toml", "a = \n"),
        ("a.yaml", "a:\n  b: 1\n"),
        ("a.yaml", "a: |\n  x\n"),
        ("a.ini", "a=1\n"),
        ("a.yaml", "a: &x 1\nb: *x\n"),
        ("a.yaml", "a: 1\na: 3\n"),
        ("a.json", '{"a": 1, "a": 3}'),
        ("a.json", '{"a": 1} // why'),
        ("a.toml", 'a = """\n1"""\n'),
        ("a.yaml", "a: 1\n  2\n"),
    ],
)
def test_what_cannot_be_rewritten_is_named(path: str, text: str) -> None:
    with pytest.raises(BadConfig) as refused:
        rewritten(path, text.encode(), ["a"], 2)
    assert path in str(refused.value)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("raise SystemExit('no luck')", "no luck"),
        ("import os; os.symlink('/etc/passwd', 'link')", "link"),
    ],
)
def test_a_script_that_fails_changes_nothing_and_is_named(tmp_path: Path, program: str, says: str) -> None:
    script = tmp_path / "run.py"
    script.write_text(program)
    with pytest.raises(BadRecipe) as refused:
        migration_script.run(script, {"a": File(b"x")})
    assert says in str(refused.value) and "run.py" in str(refused.value)


def test_a_script_changes_adds_removes_and_keeps_modes(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text("from pathlib import Path\nPath('b').unlink()\nPath('d/e').write_text('new')\n")
    files = {"a": File(b"\x00\xff", True), "b": File(b""), "d/c": File(b"c")}
    assert migration_script.run(script, files) == {"a": files["a"], "d/c": files["d/c"], "d/e": File(b"new")}
