"""Two texts as a unified diff, of a length that people read."""

from __future__ import annotations

from difflib import unified_diff
from typing import Final

_LINES: Final = 120
"""Lines of a diff that are shown."""
_LINE: Final = 400
"""Characters of one line that are shown."""
_LARGEST: Final = 300_000
"""Characters of both texts together that are still compared."""
_NO_END: Final = "\\ No newline at end of file"


def diff(before: str, after: str, name: str) -> str:
    """What becomes of one text, as `diff -u` and git write it; empty when nothing does.

    A long one is cut, and its last line says so. A name that would take more than a line is written with escapes.
    """
    if before == after:
        return ""
    if len(before) + len(after) > _LARGEST:
        return f"\\ {len(before)} characters become {len(after)}: too many to compare\n"
    name = name if name.isprintable() else ascii(name)
    lines = list(unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm=""))
    shown = [part if len(part) <= _LINE else f"{part[: _LINE - 1]}…" for line in lines for part in line.split("\n")]
    if (more := len(shown) - _LINES) > 0:
        shown[_LINES:] = [f"\\ and {more} more lines"]
    return "".join(f"{line}\n" for line in shown)


def _lines(text: str) -> list[str]:
    """Lines as `unified_diff` compares them. That a last one does not end is part of it, on a line of its own."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n{_NO_END}"] if last else lines
