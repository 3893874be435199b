"""What platformctl does not merge as it has to, and why. A complete run checks that this is all, and still so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_UNNAMED: Final = (
    "An entry without a name is what it says. Where one side has changed it and the other has taken it out, the "
    "changed one counts as a new entry, and nobody is asked."
)
_FIRST: Final = "An entry without a name that changes where the team has added one cannot be told apart from a new one."
_SPACES: Final = "Spaces within an entry of a list count as a change of it."
_IN_THE_WAY: Final = (
    "A file of the team's where a folder is to be, or a folder where a file is to be, is not looked at."
)

_OF_MERGE: Final[Mapping[str, tuple[str, ...]]] = {
    _UNNAMED: (
        ".gitignore: a line changed × removed, the same, otherwise",
        ".gitignore: removed × a line changed, the same, otherwise",
        "YAML settings: removed × a line changed, the same, otherwise",
        "JSON package: removed × a line changed, the same, otherwise",
        ".gitignore: several edits × a line changed, the same, otherwise",
    ),
    _FIRST: (
        ".gitignore: added at the beginning × a line changed, touching",
        ".gitignore: added at the beginning × several edits, touching",
    ),
    _SPACES: (
        "CODEOWNERS: several edits × the whole file reformatted",
        "requirements list: the whole file reformatted × a line changed",
    ),
}
_OF_PROCESS: Final[Mapping[str, tuple[str, ...]]] = {
    _IN_THE_WAY: (
        "a name that is not ASCII: a folder added there × a file added",
        "Python with CRLF: a folder added there × a file added",
        "text with a byte order mark: a folder added there × a file added",
        "Dockerfile: a file added in its way × a file in a folder added",
        ".gitignore: a file added in its way × a file in a folder added",
        "text without an end of the last line: a file added in its way × a file in a folder added",
    ),
}
SHORT: Final = {name: reason for reason, names in _OF_MERGE.items() for name in names}
"""Of the merge: why, by the scenario's name."""
SHORT_IN_PROCESS: Final = SHORT | {name: reason for reason, names in _OF_PROCESS.items() for name in names}
"""Of `platformctl upgrade`, which takes more into a merge, or less, than a scenario has."""
