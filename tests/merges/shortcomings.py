"""What platformctl does not merge as it has to, and why. A complete run checks that this is all, and still so."""

from __future__ import annotations

from typing import Final

_FIRST: Final = (
    "A comment that the team put a new first entry under goes along with it, and so nobody can tell any more what the "
    "entry below was to be."
)
SHORT: Final = dict.fromkeys(
    (
        ".gitignore: added at the beginning × a line changed, touching",
        ".gitignore: added at the beginning × several edits, touching",
    ),
    _FIRST,
)
"""Why, by the scenario's name."""
