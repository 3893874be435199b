"""Whether what a tool made of a scenario is right, and if not, what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import StrEnum

from platformctl.model import File, Tree
from tests.merges.draft import numbers
from tests.merges.outcome import Outcome
from tests.merges.scenario import Clash, Right, Scenario, Wanted


class Result(StrEnum):
    """What came of a scenario, the worst last."""

    RIGHT = "right, clean"
    RIGHT_CONFLICT = "right conflict"
    NEEDLESS = "needless conflict"
    MISSED = "template change missed"
    BROKEN = "broken file"
    RESURRECTED = "resurrected file"
    LOST = "lost edit"
    CRASH = "crash"

    @property
    def right(self) -> bool:
        """Whether it is as it has to be."""
        return self in (Result.RIGHT, Result.RIGHT_CONFLICT)


@dataclass(frozen=True)
class Verdict:
    """What came of a scenario, and how that shows."""

    result: Result
    why: str = ""

    def __str__(self) -> str:
        return f"{self.result}: {self.why}" if self.why else self.result.value


def judge(scenario: Scenario, outcome: Outcome) -> Verdict:
    """Compare what there is with what there has to be."""
    if outcome.crash:
        return Verdict(Result.CRASH, outcome.crash)
    if outcome.disputed:
        return next(_wrong_in_dispute(scenario, outcome), _conflict(scenario, outcome))
    if any(right.said <= outcome.told and _fits(right, outcome.tree) for right in scenario.rights):
        return Verdict(Result.RIGHT)
    return next(_wrong(scenario, outcome), Verdict(Result.BROKEN, "it says something that neither side wanted"))


def _fits(right: Right, tree: Tree) -> bool:
    return right.files.keys() == tree.keys() and all(
        one.executable == tree[path].executable and one.fits(tree[path].content) for path, one in right.files.items()
    )


def _conflict(scenario: Scenario, outcome: Outcome) -> Verdict:
    result = Result.NEEDLESS if scenario.clash is Clash.NEVER else Result.RIGHT_CONFLICT
    return Verdict(result, f"a person is asked about {', '.join(sorted(outcome.disputed))}")


def _wrong_in_dispute(scenario: Scenario, outcome: Outcome) -> Iterator[Verdict]:
    """What is wrong where a person is asked: what there is to choose from has to be there."""
    base, ours, theirs = (_numbers(tree).keys() for tree in (scenario.base, scenario.ours, scenario.theirs))
    found = outcome.within_reach.keys()
    yield from _gone(Result.LOST, "the team wrote", ours - base, found)
    yield from _gone(Result.LOST, "nobody took out", base & ours & theirs, found)
    yield from _gone(Result.MISSED, "the golden path wrote", theirs - base, found)
    for path in sorted(scenario.base.keys() & scenario.ours.keys() & outcome.tree.keys()):
        mine = scenario.ours[path].executable
        if scenario.base[path].executable != mine != outcome.tree[path].executable:
            yield Verdict(Result.LOST, f"{path} has not the mode that the team gave it")


def _wrong(scenario: Scenario, outcome: Outcome) -> Iterator[Verdict]:
    """What is wrong where nobody is asked, the worst first."""
    base, ours, theirs = (_numbers(tree).keys() for tree in (scenario.base, scenario.ours, scenario.theirs))
    found = _numbers(outcome.tree).keys()
    texts = [wanted.texts[0] for right in scenario.rights for wanted in right.files.values()]
    wanted = {number for text in texts for number in numbers(text)}
    new = theirs - base
    yield from _resurrected(scenario, outcome.tree)
    yield from _gone(Result.LOST, "the team wrote", ours - base, found)
    yield from _back(Result.LOST, "the team took out", base - ours - wanted, found)
    yield from _gone(Result.MISSED, "the golden path wrote", new & wanted if scenario.rights else new, found)
    yield from _gone(Result.BROKEN, "nobody took out", base & ours & theirs, found)
    for right in scenario.rights[:1]:
        yield from _places(scenario, right, outcome)
    yield from _back(Result.MISSED, "the golden path took out", base - theirs - wanted, found)
    for side, result in ((scenario.theirs, Result.LOST), (scenario.ours, Result.MISSED)):
        if outcome.tree == side:
            yield Verdict(result, "the files are as one side has them")
    for right in scenario.rights[:1]:
        for path, one in right.files.items():
            yield from _file(scenario, path, one, outcome.tree[path])


def _numbers(tree: Tree) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for file in tree.values():
        found |= numbers(file.content)
    return found


def _gone(result: Result, who: str, wanted: Set[bytes], found: Set[bytes]) -> Iterator[Verdict]:
    yield from (Verdict(result, f"{one.decode()}, which {who}, is gone") for one in sorted(wanted - found))


def _back(result: Result, who: str, taken: Set[bytes], found: Set[bytes]) -> Iterator[Verdict]:
    yield from (Verdict(result, f"{one.decode()}, which {who}, is there") for one in sorted(taken & found))


def _resurrected(scenario: Scenario, tree: Tree) -> Iterator[Verdict]:
    """Files that the team has deleted or put elsewhere, and that are there again, under whatever name."""
    fine = {path for right in scenario.rights for path in right.files} | scenario.ours.keys()
    for path in sorted(scenario.base.keys() - scenario.ours.keys()):
        was = numbers(scenario.base[path].content).keys()
        for new in sorted(tree.keys() - fine):
            if new == path or was & numbers(tree[new].content).keys():
                yield Verdict(Result.RESURRECTED, f"{path} is there, as {new}")


def _places(scenario: Scenario, right: Right, outcome: Outcome) -> Iterator[Verdict]:
    """Files where none is to be, none where one is to be, and what nobody was told."""
    for path in sorted(right.files.keys() - outcome.tree.keys()):
        yield Verdict(Result.LOST if path in scenario.ours else Result.MISSED, f"{path} is not there")
    for path in sorted(outcome.tree.keys() - right.files.keys()):
        yield Verdict(Result.MISSED if path in scenario.ours else Result.BROKEN, f"{path} is there")
    for path in sorted(right.said - outcome.told):
        yield Verdict(Result.MISSED, f"nobody is told that {path} stays")


def _file(scenario: Scenario, path: str, wanted: Wanted, file: File) -> Iterator[Verdict]:
    """A file that has what it has to have, and says it otherwise than it has to."""
    if file.executable != wanted.executable:
        modes = [{one.executable for one in tree.values()} for tree in (scenario.base, scenario.ours)]
        yield Verdict(Result.MISSED if modes[0] == modes[1] else Result.LOST, f"{path} has another mode")
    if wanted.fits(file.content):
        return
    if wanted.kind and (problem := wanted.kind.problem(file.content)):
        yield Verdict(Result.BROKEN, f"{path}: {problem}")
    most = max((numbers(text) for text in wanted.texts), key=Counter.total)
    for number in sorted(numbers(file.content) - most):
        yield Verdict(Result.BROKEN, f"{path} has {number.decode()} more often than it should")
    yield Verdict(_whose_form(scenario, wanted.texts[0]), f"{path} has another order, other line ends or another form")


def _whose_form(scenario: Scenario, text: bytes) -> Result:
    """What it is if a file has not the form that it should have: whoever wrote nothing new gave it its form."""
    base = _nearest(scenario.base, text)
    for side, result in ((scenario.ours, Result.LOST), (scenario.theirs, Result.MISSED)):
        content = _nearest(side, text)
        if content != base and numbers(content) == numbers(base):
            return result
    return Result.BROKEN


def _nearest(tree: Tree, text: bytes) -> bytes:
    """The content that has most in common with a text."""
    contents = (file.content for file in tree.values())
    return max(contents, key=lambda content: (numbers(content) & numbers(text)).total(), default=b"")
