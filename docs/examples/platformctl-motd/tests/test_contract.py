"""The actions keep the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformctl_motd.contract import BANNER, MOTD

from platformctl.testing import Case, Promise, promises

ALL = [
    pytest.param(case, promise, id=f"{case.action.__name__}: {promise}")
    for case in (*BANNER, *MOTD)
    for promise in promises(case)
]


@pytest.mark.parametrize(("case", "promise"), ALL)
def test_it_keeps(case: Case, promise: Promise, tmp_path: Path) -> None:
    promise(case, tmp_path)
