"""The promises of the contract, each of which can be tried by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.errors import Failure
from platformctl.testing.case import Broken, Case, RendererCase
from platformctl.testing.renderer import RENDERER_CHECKS
from platformctl.testing.resource import RESOURCE_CHECKS, UPDATE_CHECKS


@dataclass(frozen=True)
class Promise:
    """One promise, such as `planning writes nothing`."""

    check: Callable[[Any, Path], None]

    @property
    def name(self) -> str:
        """What is promised."""
        return self.check.__name__.replace("_", " ")

    def __str__(self) -> str:
        return self.name

    def __call__(self, case: Case, folder: Path) -> None:
        """Try it in an empty folder. Raises `Broken`, and whatever the action raises that is no `Failure`."""
        try:
            self.check(case, folder)
        except Broken as broken:
            raise Broken(f"{case.action.__name__}: not kept: {self.name}: {broken}") from None
        except Failure as failure:
            said = f"{type(failure).__name__}: {failure}"
            raise Broken(f"{case.action.__name__}: not kept: {self.name}: {said}") from failure


def promises(case: Case) -> list[Promise]:
    """Everything that is promised of this kind of action and can be tried with this case, what is basic first."""
    if isinstance(case, RendererCase):
        return [Promise(check) for check in RENDERER_CHECKS]
    checks = [check for check in RESOURCE_CHECKS if case.other is not None or check not in UPDATE_CHECKS]
    return [Promise(check) for check in checks]
