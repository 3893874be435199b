"""What a reviewer has to look at: what of the path counts on files that the repository does not get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from platformctl.adoption.contents import Contents
from platformctl.adoption.keeping import Fate, Verdict, plain

_TARGET: Final = re.compile(r"^([a-z][a-z0-9-]*):(?!=)", re.MULTILINE)
_PROSE: Final = (".md", ".yaml", ".gitignore", ".editorconfig")
"""Files that may name others without needing them."""


def expectations(contents: Contents, verdicts: Sequence[Verdict], rendered: Mapping[str, bytes]) -> Iterator[str]:
    """One sentence for each file that has to be adapted, and for what is watched; `rendered` are the path's files."""
    left_out = sorted({one.path.partition("/")[0] for one in verdicts if one.fate is Fate.LEFT_OUT})
    absent = [name for name in left_out if not _there(contents, name)]
    for one in verdicts:
        text = rendered[one.path].decode(errors="replace")
        if one.fate is Fate.ADDED and not one.path.endswith(_PROSE):
            named = [name for name in absent if _names(text, name)]
            if named:
                yield f"{one.path} is written for {', '.join(named)}, which this repository does not have: adapt it"
        if one.path == "Makefile" and one.fate is Fate.TEAM:
            missing = sorted(_targets(text) - _targets(contents.texts.get(one.stands, "")))
            if missing:
                yield f"{plain(one.stands)} lacks targets that the path's has: {', '.join(missing)}"
    kept = [one.path for one in verdicts if one.fate is Fate.LEFT_OUT and one.kind == "managed"]
    if kept:
        yield (
            f"what is watched comes from files that are left out, such as {kept[0]}: until the application gives the "
            "same metrics, the dashboard stays empty and alerts on missing metrics fire"
        )


def _there(contents: Contents, name: str) -> bool:
    """Whether the repository has a file or a folder of this name at its top."""
    return any(path.partition("/")[0] == name for path in contents.entries)


def _names(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w-])", text))


def _targets(makefile: str) -> set[str]:
    return set(_TARGET.findall(makefile))
