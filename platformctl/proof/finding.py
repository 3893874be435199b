"""What is wrong with something, and what that something is called."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that does not hold."""

    culprit: str
    """What is to blame: a panel, a rule, a field of the log."""
    what: str

    def __str__(self) -> str:
        return f"{self.culprit}: {self.what}"
