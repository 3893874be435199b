"""A kill at every moment of every built-in resource, those of slow tools too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from platformctl.testing import ResourceCase, promises
from tests.contract.cases import CASES

SLOW = {name: case for name, case in CASES.items() if isinstance(case, ResourceCase) and case.kills is not None}


@pytest.mark.soak
@pytest.mark.parametrize("name", SLOW)
def test_a_kill_between_any_two_writes_is_recovered(name: str, tmp_path: Path) -> None:
    case = replace(SLOW[name], kills=None)
    (promise,) = [promise for promise in promises(case) if str(promise).startswith("a kill")]
    promise(case, tmp_path)
