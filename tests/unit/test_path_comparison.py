"""What is said to have changed from one version of a golden path to the next, and by which rule it is what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.commands.path_diff import diff
from platformctl.comparison.files import Kept, Trial, files, renames, unfollowed
from platformctl.comparison.inputs import inputs
from platformctl.comparison.recipes import extension_points, outputs, proof, steps, taken
from platformctl.comparison.rules import Bump, Level, Rule
from platformctl.comparison.versions import bump
from platformctl.config import FACTS
from platformctl.errors import BadInput, BadRecipe
from platformctl.golden_path import shipped
from platformctl.model import File, Plane, Step
from platformctl.recipe import Recipe
from tests.paths import FIRST, NAME, Paths


def case(id_: str, *values: Any) -> Any:
    return pytest.param(*values, id=id_)


TEXT: Final = {"type": "string"}


def one(part: Mapping[str, Any] | None, *, required: bool = False, name: str = "size") -> dict[str, Any]:
    """Inputs with one of this name, or with none."""
    return {"properties": {} if part is None else {name: part}, "required": [name] if required else []}


def slo(**properties: Any) -> dict[str, Any]:
    return one({"type": "object", "properties": properties}, name="slo")


INPUTS: Final = [
    case("same", one(TEXT), one(TEXT), []),
    case("gone", one({**TEXT, "default": "s"}), one(None), ["input-removed input:size its default was s"]),
    case("new", one(None), one({**TEXT, "default": "s"}), ["input-added input:size new: string; default s"]),
    case("new, of values", one(None), one({"enum": ["s", "m"]}), ["input-added input:size new: s | m"]),
    case("new, has to be given", one(None), one(TEXT, required=True), ["input-required input:size new: string"]),
    case("required by now", one(TEXT), one(TEXT, required=True), ["input-required input:size"]),
    case(
        "its default is gone",
        one({**TEXT, "default": "s"}, required=True),
        one(TEXT, required=True),
        ["input-required input:size no default any more"],
    ),
    case("not required", one(TEXT, required=True), one(TEXT), ["input-optional input:size"]),
    case(
        "gets a default",
        one(TEXT, required=True),
        one({**TEXT, "default": "s"}, required=True),
        ["input-optional input:size default s"],
    ),
    case("default", one({**TEXT, "default": "s"}), one({**TEXT, "default": "m"}), ["input-default input:size s → m"]),
    case(
        "default of a list",
        one({"type": "array", "default": []}),
        one({"type": "array", "default": ["a"]}),
        ['input-default input:size [] → ["a"]'],
    ),
    case("description", one(TEXT), one({**TEXT, "description": "d"}), ["input-described input:size"]),
    case("type", one(TEXT), one({"type": "integer"}), ["input-narrowed input:size string → integer"]),
    case(
        "wider type", one(TEXT), one({"type": ["string", "null"]}), ["input-widened input:size string → string, null"]
    ),
    case("number", one({"type": "integer"}), one({"type": "number"}), ["input-widened input:size integer → number"]),
    case("integer", one({"type": "number"}), one({"type": "integer"}), ["input-narrowed input:size number → integer"]),
    case("value gone", one({"enum": ["s", "m"]}), one({"enum": ["m"]}), ["input-narrowed input:size without s"]),
    case("value new", one({"enum": ["m"]}), one({"enum": ["m", "l"]}), ["input-widened input:size also l"]),
    case(
        "value for value",
        one({"enum": ["s"]}),
        one({"enum": ["m"]}),
        ["input-narrowed input:size without s", "input-widened input:size also m"],
    ),
    case("values only", one(TEXT), one({**TEXT, "enum": ["s"]}), ["input-narrowed input:size only s"]),
    case("not only values", one({**TEXT, "enum": ["s"]}), one(TEXT), ["input-widened input:size not only s"]),
    case("constant", one({"enum": ["s", "m"]}), one({"const": "s"}), ["input-narrowed input:size without m"]),
    case("minimum", one({"minimum": 1}), one({"minimum": 2}), ["input-narrowed input:size minimum 1 → 2"]),
    case("no minimum", one({"minimum": 1}), one({}), ["input-widened input:size minimum 1 → none"]),
    case("maximum", one({"maximum": 1}), one({"maximum": 2}), ["input-widened input:size maximum 1 → 2"]),
    case("a maximum", one({}), one({"maxLength": 9}), ["input-narrowed input:size maxLength none → 9"]),
    case("pattern", one({"pattern": "a"}), one({"pattern": "b"}), ["input-narrowed input:size pattern a → b"]),
    case("no pattern", one({"pattern": "a"}), one({}), ["input-widened input:size pattern a → none"]),
    case(
        "items",
        one({"items": {"enum": ["a"]}}),
        one({"items": {"enum": ["a", "b"]}}),
        ["input-widened input:size each: also b"],
    ),
    case(
        "fields of items",
        one({"items": {"properties": {"a": TEXT}}}),
        one({"items": {"properties": {}}}),
        ["input-narrowed input:size each: properties {'a': {'type': 'string'}} → {}"],
    ),
    case("items at all", one({}), one({"items": TEXT}), ["input-narrowed input:size items none → {'type': 'string'}"]),
    case("nested, gone", slo(a=TEXT, b=TEXT), slo(b=TEXT), ["input-removed input:slo.a"]),
    case("nested, new", slo(b=TEXT), slo(a=TEXT, b=TEXT), ["input-added input:slo.a new: string"]),
    case("nested, and what it stands in", slo(a=TEXT), one(None), ["input-removed input:slo"]),
    case("new with what it holds", one(None), slo(a=TEXT), ["input-added input:slo new: object"]),
    case(
        "all of them",
        one(TEXT) | {"additionalProperties": True},
        one(TEXT) | {"additionalProperties": False},
        ["input-narrowed input:* additionalProperties True → False"],
    ),
]


@pytest.mark.parametrize(("before", "after", "says"), INPUTS)
def test_what_is_said_of_inputs(before: Any, after: Any, says: list[str]) -> None:
    assert [said(change) for change in inputs(before, after, {})] == says


def said(change: Any) -> str:
    return f"{change.rule.id} {change.target} {change.how}".rstrip()


@pytest.mark.parametrize(
    ("before", "after", "renamed", "says"),
    [
        case(
            "as it was", one(TEXT), one(TEXT, name="scale"), {"size": "scale"}, ["input-renamed input:size now scale"]
        ),
        case(
            "and otherwise",
            one(TEXT),
            one({"enum": ["s"]}, name="scale"),
            {"size": "scale"},
            [
                "input-renamed input:size now scale",
                "input-widened input:scale string → any type",
                "input-narrowed input:scale only s",
            ],
        ),
        case("to nothing", one(TEXT), one(None), {"size": "scale"}, ["input-removed input:size"]),
        case("elsewhere", one(TEXT), slo(size=TEXT), {"size": "slo.size"}, ["input-renamed input:size now slo.size"]),
        case(
            "what others stand in",
            slo(a=TEXT),
            {"properties": {"promise": {"type": "object", "properties": {"a": TEXT}}}},
            {"slo": "promise"},
            ["input-renamed input:slo now promise"],
        ),
    ],
)
def test_inputs_with_another_name(before: Any, after: Any, renamed: Mapping[str, str], says: list[str]) -> None:
    found = [said(change) for change in inputs(before, after, renamed)]
    assert [text for text in found if "input-added input:slo" not in text] == says


def step(uses: str = "repository", plane: Plane = Plane.DEVELOPER, id_: str = "repo", **arguments: Any) -> Step:
    return Step(id_, uses, plane, id_, arguments)


def recipe(*steps_: Step) -> Recipe:
    return Recipe("p", "1.0.0", "d", {}, steps_)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        case("gone", [step(), step(id_="x")], [step()], ["step-removed step:x repository, on the plane developer"]),
        case("new", [step()], [step(), step(id_="x")], ["step-added step:x repository, on the plane developer"]),
        case("another action", [step()], [step("files")], ["step-replaced step:repo repository → files"]),
        case(
            "a later one",
            [step("dashboard")],
            [step("dashboard@2")],
            ["step-renewed step:repo dashboard → dashboard@2"],
        ),
        case("plane", [step()], [step(plane=Plane.SECURITY)], ["step-moved step:repo developer → security"]),
        case(
            "values",
            [step(a=1, b=1, c=1, d={"e": 1})],
            [step(a=2, c=1, d={"e": 2}, f=0)],
            ["step-asks-otherwise step:repo a: 1 → 2; b: gone; d.e: 1 → 2; and 1 more"],
        ),
        case("new value", [step()], [step(a=2)], ["step-asks-otherwise step:repo a: new, 2"]),
        case("renders", [step(id_="r", a=1)], [step(id_="r", a=2)], ["step-renders-from step:r a: 1 → 2"]),
        case("keeps files", [step(id_="k", a=1)], [step(id_="k", a=2)], []),
    ],
)
def test_what_is_said_of_steps(before: Sequence[Step], after: Sequence[Step], says: list[str]) -> None:
    assert [said(one) for one in steps(recipe(*before), recipe(*after), {"r"}, {"k"})] == says


def test_steps_that_are_left_out_in_a_case() -> None:
    before, after = {"one": {"a"}, "two": {"a"}, "three": set()}, {"one": set(), "two": {"a"}, "three": {"b"}}
    assert [said(one) for one in taken(before, after, ["a", "b", "c"])] == [
        "step-taken step:a in one",
        "step-left-out step:b in three",
    ]


def kept(**of: str) -> dict[str, Kept]:
    """Files by their path, `__` for a slash, as `kind:content`."""
    pairs = {path.replace("__", "/"): text.partition(":") for path, text in of.items()}
    return {path: Kept(File(content.encode()), kind) for path, (kind, _, content) in pairs.items()}


LONG: Final = "\n".join(f"line {number}" for number in range(20))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        case("same", kept(a="managed:x"), kept(a="managed:x"), []),
        case("gone", kept(a="managed:x"), {}, ["file-removed file:a managed"]),
        case("merged, gone", kept(a="merged:x"), {}, ["file-removed file:a merged"]),
        case("seeded, gone", kept(a="seeded:x"), {}, ["seeded-file-removed file:a seeded"]),
        case("new", {}, kept(a="seeded:x"), ["file-added file:a seeded"]),
        case("renamed", kept(a=f"managed:{LONG}"), kept(b=f"managed:{LONG}\n"), ["file-renamed file:a managed, now b"]),
        case(
            "seeded, renamed",
            kept(a=f"seeded:{LONG}"),
            kept(b=f"seeded:{LONG}"),
            ["seeded-file-removed file:a seeded, now b"],
        ),
        case(
            "renamed, and kept otherwise",
            kept(a=f"managed:{LONG}"),
            kept(b=f"merged:{LONG}"),
            ["file-renamed file:a managed, now b", "file-kept-otherwise file:b managed → merged"],
        ),
        case(
            "nothing alike",
            kept(a=f"managed:{LONG}"),
            kept(b="managed:something else"),
            ["file-removed file:a managed", "file-added file:b managed"],
        ),
        case(
            "small, and the same elsewhere: no rename that an upgrade would follow",
            kept(OWNERS="managed:* @payments\n"),
            kept(docs__OWNERS="managed:* @payments\n"),
            ["file-removed file:OWNERS managed", "file-added file:docs/OWNERS managed"],
        ),
        case("taken over", kept(a="seeded:x"), kept(a="managed:x"), ["file-taken-over file:a seeded → managed"]),
        case(
            "taken over, merged", kept(a="merged:x"), kept(a="managed:x"), ["file-taken-over file:a merged → managed"]
        ),
        case("given away", kept(a="managed:x"), kept(a="seeded:x"), ["file-kept-otherwise file:a managed → seeded"]),
        case("merged into", kept(a="seeded:x"), kept(a="merged:x"), ["file-kept-otherwise file:a seeded → merged"]),
        case("changed", kept(a="managed:x\ny"), kept(a="managed:x\nz\n"), ["file-changed file:a managed, +1 -1 lines"]),
        case(
            "seeded, changed",
            kept(a="seeded:x"),
            kept(a="seeded:y"),
            ["seeded-file-changed file:a seeded, +1 -1 lines"],
        ),
    ],
)
def test_what_is_said_of_files(before: Mapping[str, Kept], after: Mapping[str, Kept], says: list[str]) -> None:
    assert compared({"all": Trial(before)}, {"all": Trial(after)}) == says


def compared(before: Mapping[str, Trial], after: Mapping[str, Trial], **moves: str) -> list[str]:
    return [said(change) for change in files(before, after, renames(before, after, moves))]


SMALL: Final = {"all": Trial(kept(OWNERS="managed:* @payments\n"))}
ELSEWHERE: Final = {"all": Trial(kept(docs__OWNERS="managed:* @payments\n"))}


def test_a_rename_that_a_migration_declares_is_one_however_small() -> None:
    declared = {"OWNERS": "docs/OWNERS"}
    assert compared(SMALL, ELSEWHERE, **declared) == ["file-renamed file:OWNERS managed, now docs/OWNERS"]
    assert list(unfollowed(SMALL, ELSEWHERE, renames(SMALL, ELSEWHERE, declared))) == []


def test_a_file_may_come_where_one_was_that_moves() -> None:
    before = {"all": Trial(kept(a=f"managed:{LONG}", b="managed:y"))}
    after = {"all": Trial(kept(a="managed:other", b=f"managed:{LONG}"))}
    assert compared(before, after, a="b") == [
        "file-renamed file:a managed, now b",
        "file-removed file:b managed",
        "file-added file:a managed",
    ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        case("the same", kept(a="managed:* @x\n"), kept(b="managed:* @x\n"), [("a", "b")]),
        case("much the same", kept(a="seeded:1\n2\n3\n"), kept(b="managed:1\n2\n3\n4\n"), [("a", "b")]),
        case("another", kept(a="managed:* @x\n"), kept(b="managed:else\n"), []),
        case("empty", kept(a="managed:\n"), kept(b="managed:\n"), []),
        case("followed", kept(a=f"managed:{LONG}"), kept(b=f"managed:{LONG}"), []),
        case("still there", kept(a="managed:* @x\n"), kept(a="managed:* @x\n", b="managed:* @x\n"), []),
    ],
)
def test_what_looks_like_a_rename_and_is_followed_by_no_upgrade(
    before: Mapping[str, Kept], after: Mapping[str, Kept], found: list[tuple[str, str]]
) -> None:
    old, new = {"all": Trial(before)}, {"all": Trial(after)}
    assert list(unfollowed(old, new, renames(old, new, {}))) == found


def test_files_of_some_cases() -> None:
    before = {"one": Trial(kept(a="managed:x", b="managed:1")), "two": Trial(kept(a="managed:x", b="managed:1"))}
    after = {"one": Trial(kept(b="managed:2\n3")), "two": Trial(kept(a="managed:x", b="managed:1"))}
    assert compared(before, after) == [
        "file-removed file:a managed in 1 of 2 cases",
        "file-changed file:b managed, +2 -1 lines in 1 of 2 cases",
    ]


def test_a_file_that_may_be_run_has_changed() -> None:
    tree = {"all": Trial({"a": Kept(File(b"x"), "managed")})}
    after = {"all": Trial({"a": Kept(File(b"x", executable=True), "managed")})}
    assert compared(tree, after) == ["file-changed file:a managed, +0 -0 lines"]


def test_renames_are_those_that_an_upgrade_follows() -> None:
    before = {"one": Trial(kept(a=f"merged:{LONG}", b="merged:other")), "two": Trial(kept(a=f"merged:{LONG}"))}
    after = {"one": Trial(kept(c__a=f"merged:{LONG}!")), "two": Trial({})}
    assert renames(before, after, {}) == {"one": {"a": "c/a"}, "two": {}}


def test_outputs_extension_points_and_proofs() -> None:
    assert [said(one) for one in outputs({"a": "1", "b": "2"}, {"b": "3", "c": "4"})] == [
        "output-removed output:a 1",
        "output-changed output:b 2 → 3",
        "output-added output:c 4",
    ]
    before: dict[str, Any] = {"a.b": {"description": "d"}, "c.d": {"description": "d", "schema": {"enum": ["x", "y"]}}}
    after: dict[str, Any] = {"c.d": {"description": "e", "schema": {"enum": ["x", "z"]}}, "e.f": {"description": "g"}}
    assert [said(one) for one in extension_points(before, after)] == [
        "extension-point-removed extension_point:a.b",
        "extension-point-narrowed extension_point:c.d without y",
        "extension-point-widened extension_point:c.d also z",
        "extension-point-described extension_point:c.d",
        "extension-point-added extension_point:e.f g",
    ]
    proven = {"ready": "/readyz"}
    assert [said(one) for one in proof(proven, {})] == ["proof-removed proof"]
    assert [said(one) for one in proof({}, proven)] == ["proof-added proof"]
    assert [said(one) for one in proof(proven, {"ready": "/"})] == ["proof-changed proof ready: /readyz → /"]
    assert list(proof(proven, proven)) == []


def test_every_rule_has_a_name_and_a_meaning_of_its_own() -> None:
    assert len({rule.about for rule in Rule}) == len(Rule) == len(Rule.__members__)
    assert {rule.sign for rule in Rule} == {"+", "~", "-"}


@pytest.mark.parametrize(
    ("before", "after", "is_"),
    [("1.2.3", "1.2.4", Bump.PATCH), ("1.2.3", "1.10.0", Bump.MINOR), ("1.9.9", "2.0.0", Bump.MAJOR)],
)
def test_how_large_a_version_is(before: str, after: str, is_: Bump) -> None:
    assert bump(before, after) is is_


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "paths")


def test_a_version_that_is_only_another_one_has_changed_nothing(paths: Paths) -> None:
    paths.copy("0.1.1")
    found = diff(NAME, "", "", paths.session())
    assert (found.changes, found.level, found.cases, found.notes) == ((), None, 2, ())


def test_two_versions_are_compared_as_they_render(paths: Paths) -> None:
    folder = paths.copy(
        "0.2.0",
        '    description:\n      type: string\n      default: ""=>    about:\n      type: string\n      default: none',
        "${{ inputs.description }}=>${{ inputs.about }}",
        "managed: [.platformctl.yaml, CODEOWNERS]=>managed: [.platformctl.yaml]",
    )
    readme = folder / "template" / "{{cookiecutter.name}}" / "README.md"
    readme.write_text(readme.read_text() + "\nMore.\n")
    found = diff(str(paths.folder), "0.1.0", "0.2.0", paths.session())
    assert [said(change) for change in found.changes] == [
        "input-removed input:description",
        "input-added input:about new: string; default none",
        "step-renders-from step:scaffold values.description: ${{ inputs.description }} → ${{ inputs.about }}",
        "step-asks-otherwise step:repository description: ${{ inputs.description }} → ${{ inputs.about }}",
        "file-kept-otherwise file:CODEOWNERS managed → seeded",
        "file-changed file:.platformctl.yaml managed, +1 -1 lines",
        "file-changed file:README.md merged, +3 -1 lines",
    ]
    assert found.level is Level.BREAKING


def test_a_migration_says_what_is_renamed(paths: Paths) -> None:
    folder = paths.copy("0.2.0", "description:\n      type=>about:\n      type", "inputs.description=>inputs.about")
    (folder / "migration.yaml").write_text("schema: 1\noperations:\n  - rename_input: {from: description, to: about}\n")
    found = diff(NAME, "", "", paths.session())
    rules = [change.rule for change in found.changes]
    assert Rule.INPUT_RENAMED in rules and Rule.INPUT_ADDED not in rules
    assert Rule.FILE_CHANGED in rules  # the record: it has the answer by its new name
    assert not [change for change in found.changes if change.target == "file:README.md"]


def moved(paths: Paths, version: str) -> Path:
    """A version that has its owners elsewhere."""
    folder = paths.copy(version, "managed: [.platformctl.yaml, CODEOWNERS]=>managed: [.platformctl.yaml, .github/*]")
    top = folder / "template" / "{{cookiecutter.name}}"
    (top / ".github").mkdir()
    (top / "CODEOWNERS").rename(top / ".github" / "CODEOWNERS")
    return folder


def test_a_small_file_that_moves_without_a_word_is_told_of(paths: Paths) -> None:
    folder = moved(paths, "0.2.0")
    found = diff(NAME, "", "", paths.session())
    assert [said(one) for one in found.changes] == [
        "file-removed file:CODEOWNERS managed",
        "file-added file:.github/CODEOWNERS managed",
    ]
    (note,) = found.notes
    assert note.startswith("CODEOWNERS is gone, and .github/CODEOWNERS, which is much the same, is new; ")
    (folder / "migration.yaml").write_text(
        "schema: 1\noperations:\n  - move_file: {from: CODEOWNERS, to: .github/CODEOWNERS}\n"
    )
    found = diff(NAME, "", "", paths.session())
    assert [said(one) for one in found.changes] == ["file-renamed file:CODEOWNERS managed, now .github/CODEOWNERS"]
    assert found.notes == ()


def test_a_migration_that_is_not_right_is_named_and_no_bug(paths: Paths) -> None:
    folder = paths.copy("0.2.0")
    (folder / "migration.yaml").write_text("schema: 1\noperations:\n  - rename_input: {to: about}\n")
    with pytest.raises(BadRecipe, match=r"migration\.yaml:3: operations\.0\.rename_input: 'from' is missing"):
        diff(NAME, "", "", paths.session())


def test_a_case_that_cannot_be_asked_of_both_is_not_compared_and_said(paths: Paths) -> None:
    paths.copy("0.2.0", 'default: ""=>default: ""\n      maxLength: 3')
    found = diff(NAME, "", "", paths.session())
    assert found.cases == 1
    assert found.notes == (
        "case 'hard-to-write-down' is not compared: description: 30 characters are too long; at most 3",
    )


def test_a_step_that_gets_a_condition_is_left_out_where_that_does_not_hold(paths: Paths) -> None:
    step_ = "  - id: guard\n    uses: branch_protection\n    plane: security\n    with: {repository: x}\n"
    paths.edit(f"{FIRST}/recipe.yaml", f"outputs:\n=>{step_}\noutputs:\n")
    paths.copy("0.2.0", "    plane: security\n=>    plane: security\n    when: ${{ inputs.description }}\n")
    found = diff(NAME, "", "", paths.session())
    assert [said(change) for change in found.changes] == ["step-left-out step:guard in defaults"]


def test_what_is_new_and_required_is_answered_by_samples(paths: Paths) -> None:
    required = "required: [name, team]=>required: [name, team, size, count]"
    paths.copy(
        "0.2.0",
        required,
        "    description:\n=>    size: {enum: [s, m]}\n    count: {type: integer}\n    description:\n",
    )
    found = diff(NAME, "", "", paths.session())
    assert found.cases == 2
    assert "file-changed file:.platformctl.yaml managed, +2 -0 lines" in [said(one) for one in found.changes]


def test_without_a_grid_defaults_and_samples_are_rendered(paths: Paths) -> None:
    (paths.folder / "tests" / "grid.yaml").unlink()
    folder = paths.copy("0.1.1")
    (folder / "template" / "{{cookiecutter.name}}" / "CODEOWNERS").write_text("* @other\n")
    found = diff(NAME, "", "", paths.session())
    assert (found.cases, [said(one) for one in found.changes]) == (
        1,
        ["file-changed file:CODEOWNERS managed, +1 -1 lines"],
    )


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_of_a_platform_is_made_up(name: str) -> None:
    here: Any = yaml.safe_load((shipped() / "tests" / "platform.yaml").read_text())["platform"]
    for part in name.split("."):
        assert part in here, f"give {name} in golden_paths/tests/platform.yaml"
        here = here[part]


def test_what_is_made_up_can_be_said_otherwise(paths: Paths) -> None:
    folder = paths.copy("0.1.1", "owner: ${{ platform.organisation }}=>owner: ${{ platform.registry }}")
    assert folder.is_dir()
    (paths.root / "tests").mkdir()
    (paths.root / "tests" / "platform.yaml").write_text("platform: {registry: acme}\n")
    found = diff(NAME, "", "", paths.session())
    assert not [change for change in found.changes if change.target.startswith("file:")]
    paths.edit("tests/grid.yaml", "  defaults:=>  defaults:\n    platform: {registry: elsewhere}")
    found = diff(NAME, "", "", paths.session())
    assert [said(one) for one in found.changes if one.target.startswith("file:")] == [
        "file-changed file:CODEOWNERS managed, +1 -1 lines in 1 of 2 cases"
    ]


def test_the_order_of_versions_matters(paths: Paths) -> None:
    with pytest.raises(BadInput, match=r"has one version, 0\.1\.0"):
        diff(NAME, "", "", paths.session())
    paths.copy("0.2.0")
    with pytest.raises(BadInput, match=r"0\.2\.0 is not older than 0\.1\.0"):
        diff(NAME, "0.2.0", "0.1.0", paths.session())
    with pytest.raises(BadInput, match=r"nothing older than 0\.1\.0"):
        diff(NAME, "", "0.1.0", paths.session())
