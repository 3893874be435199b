"""Every built-in action keeps every promise of the contract. The cases are in `cases.py`."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from platformctl.testing import Case, Promise, promises
from tests.contract.cases import CASES

ALL = [
    pytest.param(case, promise, id=f"{name}: {promise}") for name, case in CASES.items() for promise in promises(case)
]


@pytest.mark.parametrize(("case", "promise"), ALL)
def test_a_built_in_action_keeps(case: Case, promise: Promise, tmp_path: Path) -> None:
    promise(case, tmp_path)


def test_every_built_in_action_has_a_case() -> None:
    points = [point for point in entry_points(group="platformctl.actions") if point.value.startswith("platformctl.")]
    tried = {case.action for case in CASES.values()}
    assert {point.name for point in points if point.load() not in tried} == set()
