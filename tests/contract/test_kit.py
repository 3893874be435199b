"""The contract itself: it finds nothing in the example, and in each broken action exactly what is broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from platformctl_motd.contract import BANNER, MOTD

from platformctl.testing import Broken, Promise, ResourceCase, promises
from tests.contract.broken import RENDERERS, RESOURCES, case_of

ROWS = [pytest.param(*row, id=row[0].__name__) for row in (*RESOURCES, *RENDERERS)]


def named(names: str, among: list[Promise]) -> list[str]:
    """The promises that begin with these words, in the contract's order."""
    begin = tuple(names.split(" + "))
    return [str(promise) for promise in among if str(promise).startswith(begin)]


@pytest.mark.parametrize(("action", "names", "says"), ROWS)
def test_exactly_what_is_broken_is_reported(action: type[Any], names: str, says: str, tmp_path: Path) -> None:
    case = case_of(action)
    if isinstance(case, ResourceCase) and "a kill" not in names:
        case = replace(case, kills=2)
    found = {}
    for number, promise in enumerate(promises(case)):
        (tmp_path / str(number)).mkdir()
        try:
            promise(case, tmp_path / str(number))
        except Broken as broken:
            found[str(promise)] = str(broken)
        except Exception as problem:
            found[str(promise)] = f"{type(problem).__name__}: {problem}"
    assert sorted(found) == sorted(named(names, promises(case))), found
    (first,) = named(names.partition(" + ")[0], promises(case))
    assert found[first].startswith(f"{action.__name__}: not kept: {first}: ")
    assert says in found[first] and "\n" not in found[first]


def test_every_promise_is_shown_to_be_checked() -> None:
    for case, rows in ((MOTD[0], RESOURCES), (BANNER[0], RENDERERS)):
        shown = {name for _, names, _ in rows for name in named(names.partition(" + ")[0], promises(case))}
        assert shown == set(map(str, promises(case)))


EXAMPLES = [
    pytest.param(case, promise, id=f"{case.action.__name__}: {promise}")
    for case in (*BANNER, *MOTD)
    for promise in promises(case)
]


@pytest.mark.parametrize(("case", "promise"), EXAMPLES)
def test_the_example_keeps(case: Any, promise: Promise, tmp_path: Path) -> None:
    promise(case, tmp_path)
