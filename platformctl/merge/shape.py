"""What a text has besides its lines: a byte order mark, its line ends, and whether the last line has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from platformctl.merge.three import Three, settled

T = TypeVar("T")

_BOM: Final = b"\xef\xbb\xbf"
_LF: Final = "\n"
_CRLF: Final = "\r\n"
MIXED: Final = "mixed"


@dataclass(frozen=True)
class Shape:
    """None where a text is too short to show it."""

    mark: bool | None
    ends: str | None
    """`\\n`, `\\r\\n`, or `mixed`."""
    ended: bool | None
    """Whether the last line has an end."""

    @classmethod
    def of(cls, content: bytes) -> Shape:
        """The shape of a text."""
        if not content:
            return cls(None, None, None)
        crlf, lf = content.count(b"\r\n"), content.count(b"\n")
        ends = None if not lf else _CRLF if crlf == lf else _LF if not crlf else MIXED
        return cls(content.startswith(_BOM), ends, content.endswith(b"\n"))

    def without(self, content: bytes) -> bytes:
        """A text of this shape as plain lines: no mark, line feeds, an end to the last line."""
        content = content.removeprefix(_BOM)
        if self.ends == _CRLF:
            content = content.replace(b"\r\n", b"\n")
        return content if self.ended or not content else content + b"\n"

    def put_on(self, content: bytes, whole: bool = False) -> bytes:
        """Plain lines, in this shape; a `whole` text keeps the end of its last line."""
        if self.ended is False and not whole:
            content = content.removesuffix(b"\n")
        if self.ends == _CRLF:
            content = content.replace(b"\n", b"\r\n")
        return _BOM + content if self.mark and content else content


def merge_shapes(shapes: Three[Shape]) -> Shape:
    """The shape that a merge of three texts has: what one side changed; ours where both did."""
    return Shape(
        _merged(shapes.map(lambda shape: shape.mark)),
        _merged(shapes.map(lambda shape: shape.ends)),
        _merged(shapes.map(lambda shape: shape.ended)),
    )


def _merged(sides: Three[T | None]) -> T | None:
    base, ours, theirs = sides
    known = Three(
        _first(base, ours, theirs),
        _first(ours, base, theirs),
        _first(theirs, base, ours),
    )
    return settled(known).ours


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)
