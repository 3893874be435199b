"""The port to where images are kept. platformctl asks only whether it is there; the pipelines push."""

from __future__ import annotations

from typing import Protocol


class Images(Protocol):
    """What platformctl needs of a registry."""

    def check(self) -> None:
        """Raise `NoAccess` when nothing answers as a registry does."""
