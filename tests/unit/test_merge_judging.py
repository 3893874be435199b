"""The judge of merges can say no: wrong results of every kind are told as what they are, in every scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from platformctl.model import File, Tree
from tests.merges.corpus import KINDS, corpus, sample
from tests.merges.counting import Tally, short
from tests.merges.draft import numbers
from tests.merges.judge import Result, judge
from tests.merges.outcome import Outcome
from tests.merges.scenario import Clash, Scenario
from tests.merges.trial import Trial

RIGHT, RIGHT_CONFLICT, NEEDLESS, MISSED, BROKEN, RESURRECTED, LOST, CRASH = Result
BY_NAME = {kind.name: kind for kind in KINDS}
Tool = Callable[[Scenario], Outcome | None]
"""Makes something of a scenario; None of one for which it has no way to be wrong."""


def right(scenario: Scenario) -> Outcome | None:
    """What has to come of it."""
    if not scenario.rights:
        return None
    first = scenario.rights[0]
    tree = {path: File(wanted.texts[0], wanted.executable) for path, wanted in first.files.items()}
    return Outcome(tree, told=first.said)


def results(tool: Tool, *, of: Callable[[Scenario], bool] | None = None) -> list[tuple[str, Result]]:
    """What the judge says of a tool, scenario by scenario: of every third one, and of all where only some are tried."""
    tried = ((scenario, tool(scenario)) for scenario in (corpus() if of else corpus()[::3]) if not of or of(scenario))
    return [(str(scenario), judge(scenario, outcome).result) for scenario, outcome in tried if outcome]


def kinds(found: list[tuple[str, Result]]) -> set[Result]:
    assert len(found) > 5, "this wrong tool was hardly tried"
    return {result for _, result in found}


def wrote(side: Tree, base: Tree) -> set[bytes]:
    return numbers_of(side) - numbers_of(base)


def numbers_of(tree: Tree) -> set[bytes]:
    return {number for file in tree.values() for number in numbers(file.content)}


def edited(outcome: Outcome | None, edit: Callable[[bytes], bytes]) -> Outcome | None:
    """An outcome with other contents; None where the edit changes nothing."""
    if outcome is None:
        return None
    files = {path: replace(file, content=edit(file.content)) for path, file in outcome.files.items()}
    return replace(outcome, files=files) if files != outcome.files else None


def without_line(of: set[bytes]) -> Callable[[bytes], bytes]:
    """A content without the first line in which one of these numbers is."""

    def edit(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        at = next((at for at, line in enumerate(lines) if of & {*numbers(line)}), None)
        return content if at is None else b"".join(lines[:at] + lines[at + 1 :])

    return edit


def test_the_corpus_is_large_enough_and_the_same_each_time() -> None:
    first = corpus()
    corpus.cache_clear()
    assert len(first) >= 400 and first == corpus()
    assert len({scenario.name for scenario in first}) > len(first) * 0.9
    assert {scenario.clash for scenario in sample()} == set(Clash)
    assert {scenario.kind for scenario in sample()} == {scenario.kind for scenario in first}


def test_everything_in_it_is_whole_and_can_be_told_apart() -> None:
    for scenario in corpus():
        for tree in (scenario.base, scenario.ours, scenario.theirs):
            for path, file in tree.items():
                assert set(numbers(file.content).values()) <= {1}, f"{scenario}: {path}"
                kind = BY_NAME.get(scenario.kind)
                if kind and path == kind.path and file.content:
                    assert not kind.problem(file.content), f"{scenario}: {path}"


def test_what_is_right_has_what_both_sides_wrote_and_nothing_that_they_took_out() -> None:
    for scenario in corpus():
        alive = not scenario.base or (scenario.ours and scenario.theirs)
        for answer in scenario.rights if scenario.clash is Clash.NEVER and alive and len(scenario.theirs) == 1 else ():
            found = {number for wanted in answer.files.values() for number in numbers(wanted.texts[0])}
            new = wrote(scenario.ours, scenario.base) | wrote(scenario.theirs, scenario.base)
            gone = wrote(scenario.base, scenario.ours) | wrote(scenario.base, scenario.theirs)
            assert new <= found and not gone & found, str(scenario)


def test_the_right_answers_are_right() -> None:
    assert kinds(results(right)) == {RIGHT}


def test_markers_with_both_sides_are_right_where_a_person_has_to_be_asked() -> None:
    found = results(marked)
    by_clash = {str(scenario): scenario.clash for scenario in corpus()}
    assert all((result is NEEDLESS) == (by_clash[name] is Clash.NEVER) for name, result in found)
    assert kinds(found) == {NEEDLESS, RIGHT_CONFLICT}


def marked(scenario: Scenario) -> Outcome | None:
    """Each file with all that the sides have of it between git's markers."""
    trees = (scenario.ours, scenario.base, scenario.theirs)
    sides = [b"".join(file.content + b"\n" for file in tree.values()) for tree in trees]
    signs = (b"<<<<<<< ours\n", b"||||||| base\n", b"=======\n")
    content = b"".join(sign + side for sign, side in zip(signs, sides, strict=True)) + b">>>>>>> theirs\n"
    path = sorted({*scenario.ours, *scenario.theirs} or {"x"})[0]
    mode = next((file.executable for file in scenario.ours.values()), False)
    return Outcome({path: File(content, mode)}) if scenario.ours and scenario.theirs else None


def test_who_keeps_what_the_team_has_misses_what_the_golden_path_did() -> None:
    assert kinds(results(lambda scenario: Outcome(scenario.ours))) == {RIGHT, MISSED}


def test_who_takes_what_the_golden_path_has_loses_edits_and_brings_files_back() -> None:
    assert kinds(results(lambda scenario: Outcome(scenario.theirs))) == {RIGHT, LOST, RESURRECTED}


def test_a_line_of_the_teams_that_is_gone_is_a_lost_edit() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        return edited(right(scenario), without_line(wrote(scenario.ours, scenario.base)))

    assert kinds(results(tool)) == {LOST}


def test_a_line_that_the_team_took_out_and_that_is_back_is_a_lost_edit() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        gone = wrote(scenario.base, scenario.ours)
        lines = [line for file in scenario.base.values() for line in file.content.splitlines(keepends=True)]
        back = b"".join(line for line in lines if gone & {*numbers(line)})
        return edited(right(scenario), lambda content: content + back)

    assert kinds(results(tool, of=lambda scenario: bool(scenario.ours) and len(scenario.theirs) == 1)) == {LOST}


def test_a_line_of_the_golden_paths_that_is_gone_is_missed() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        mine = wrote(scenario.ours, scenario.base)
        return edited(right(scenario), without_line(wrote(scenario.theirs, scenario.base) - mine))

    assert kinds(results(tool)) <= {MISSED, LOST} and (MISSED in kinds(results(tool)))


def test_a_line_that_nobody_took_out_and_that_is_gone_is_a_broken_file() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        stays = numbers_of(scenario.base) & numbers_of(scenario.ours) & numbers_of(scenario.theirs)
        return edited(right(scenario), without_line(stays))

    assert BROKEN in kinds(results(tool)) and not kinds(results(tool)) & {RIGHT, RIGHT_CONFLICT, NEEDLESS}


def test_a_line_that_stands_there_twice_is_a_broken_file() -> None:
    def twice(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        at = next((at for at, line in enumerate(lines) if numbers(line)), None)
        return content if at is None else b"".join([*lines[: at + 1], *lines[at:]])

    assert kinds(results(lambda scenario: edited(right(scenario), twice))) == {BROKEN}


def test_a_text_that_does_not_parse_is_a_broken_file() -> None:
    names = {"Python", "JSON package", "TOML tables", "YAML settings", "go.mod"}
    found = results(
        lambda scenario: edited(right(scenario), lambda content: content + b"\n]: ((\n"),
        of=lambda scenario: scenario.kind in names,
    )
    assert kinds(found) == {BROKEN}


def test_a_file_that_the_team_deleted_and_that_is_there_is_resurrected() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        outcome = right(scenario)
        back = {path: file for path, file in scenario.base.items() if path not in scenario.ours}
        used = {path for answer in scenario.rights for path in answer.files}
        back = {path: file for path, file in back.items() if path not in used}
        return replace(outcome, files={**outcome.files, **back}) if outcome and back else None

    assert kinds(results(tool)) == {RESURRECTED}


def test_a_deleted_file_that_comes_back_under_the_golden_paths_new_name_is_resurrected() -> None:
    def of(scenario: Scenario) -> bool:
        return scenario.edit == "deleted" and "renamed" in scenario.change and scenario.kind in BY_NAME

    assert kinds(results(lambda scenario: Outcome(scenario.theirs), of=of)) == {RESURRECTED}


def test_a_mode_that_the_team_gave_and_that_is_gone_is_a_lost_edit() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        outcome = right(scenario)
        files = {
            path: replace(file, executable=not file.executable) for path, file in (outcome or Outcome({})).files.items()
        }
        return Outcome(files) if files else None

    def of(scenario: Scenario) -> bool:
        return scenario.edit == "the mode changed" and scenario.change in ("nothing", "a line changed", "removed")

    assert kinds(results(tool, of=of)) == {LOST}


@pytest.mark.parametrize(("whose", "says"), [("edit", LOST), ("change", MISSED)])
def test_line_ends_and_forms_that_are_gone_belong_to_whoever_gave_them(whose: str, says: Result) -> None:
    def of(scenario: Scenario) -> bool:
        other = scenario.change if whose == "edit" else scenario.edit
        return getattr(scenario, whose) == "all line ends converted" and other == "a line changed"

    def tool(scenario: Scenario) -> Outcome | None:
        windows = any(b"\r\n" in file.content for file in scenario.base.values())
        return edited(right(scenario), lambda text: with_ends(text, b"\r\n" if windows else b"\n"))

    found = [result for _, result in results(tool, of=of)]
    assert found and set(found) == {says}


def with_ends(text: bytes, ends: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", ends)


def test_a_mixture_of_line_ends_is_no_right_answer() -> None:
    def mixed(content: bytes) -> bytes:
        first, separator, rest = content.partition(b"\r\n")
        return first + b"\n" + rest if separator else content

    assert not kinds(results(lambda scenario: edited(right(scenario), mixed))) & {RIGHT}


def test_a_conflict_that_shows_only_one_side_is_no_conflict() -> None:
    def tool(scenario: Scenario) -> Outcome:
        return Outcome(scenario.theirs, frozenset(scenario.theirs))

    inevitable = results(tool, of=lambda scenario: scenario.clash is Clash.INEVITABLE)
    assert LOST in kinds(inevitable) and not kinds(inevitable) & {RIGHT, MISSED}


@pytest.mark.parametrize("named", [False, True])
def test_what_stands_in_a_rejected_part_counts_when_the_file_is_named(named: bool) -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        ours = next(iter(scenario.ours), "")
        if not scenario.steady or not wrote(scenario.ours, scenario.base) - wrote(scenario.theirs, scenario.base):
            return None
        rejected = {f"{ours}.rej": File(scenario.ours[ours].content)}
        files: Mapping[str, File] = {ours: replace(scenario.theirs[ours], executable=scenario.ours[ours].executable)}
        return Outcome({**files, **rejected}, frozenset([ours] if named else []))

    assert kinds(results(tool)) == ({NEEDLESS, RIGHT_CONFLICT} if named else {LOST})


def test_what_stands_in_the_stages_of_gits_index_counts() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        if not scenario.steady:
            return None
        (path,) = scenario.ours
        sides = (scenario.base, scenario.ours, scenario.theirs)
        return Outcome(
            scenario.ours, stages={path: tuple(tree[path].content for tree in sides)}, conflicts=frozenset([path])
        )

    assert kinds(results(tool)) == {NEEDLESS, RIGHT_CONFLICT}


def test_a_file_that_stays_without_a_word_is_missed() -> None:
    def tool(scenario: Scenario) -> Outcome | None:
        outcome = right(scenario)
        return replace(outcome, told=frozenset()) if outcome and outcome.told else None

    assert kinds(results(tool, of=lambda scenario: len(scenario.rights) == 1)) == {MISSED}


def test_a_tool_that_gives_up_has_crashed() -> None:
    assert kinds(results(lambda scenario: Outcome(scenario.ours, crash="Error"))) == {CRASH}


def test_figures_fall_with_what_is_wrong() -> None:
    def counted(tool: Tool, name: str) -> Tally:
        return Tally.of(name, trials(tool))

    def trials(tool: Tool) -> Iterator[Trial]:
        for scenario in sample():
            if outcome := tool(scenario):
                yield Trial(scenario, outcome, judge(scenario, outcome))

    good, blind, timid = (
        counted(right, "good"),
        counted(lambda one: Outcome(one.theirs), "blind"),
        counted(marked, "timid"),
    )
    assert list(short(good, [timid])) == [] and good.wrong == [] and good.conflicts == 0
    assert [line.split(" edits")[0] for line in short(blind, [timid])] == [f"blind has lost {blind[LOST]}"]
    assert list(short(timid, [good])) == [f"timid asks {timid.conflicts} times, and good 0 times"]
    assert timid.quiet == timid.conflicts == len(timid.trials)
    assert sum(blind.by_name(LOST).values()) == blind[LOST] > 0
