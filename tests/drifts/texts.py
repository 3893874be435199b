"""Edits of texts, by chance: as people make them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any


def appended(text: bytes, chance: Random) -> bytes:
    """A line more at the end."""
    return text + chance.choice((b"# by hand\n", b"\n", b"x = 1\n", b"  - by: hand\n"))


def inserted(text: bytes, chance: Random) -> bytes:
    """A line more somewhere."""
    lines = text.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines) + 1), b"# by hand\n")
    return b"".join(lines)


def shortened(text: bytes, chance: Random) -> bytes:
    """A line less."""
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def altered(text: bytes, chance: Random) -> bytes:
    """A line otherwise."""
    lines = text.splitlines(keepends=True)
    at = chance.choice([at for at, line in enumerate(lines) if line.strip()])
    lines[at] = lines[at].swapcase() if lines[at].swapcase() != lines[at] else lines[at].replace(b"\n", b" # x\n")
    return b"".join(lines)


def indented(text: bytes, chance: Random) -> bytes:
    """White space at the end of a line."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip(b"\n") + b"  \n"
    return b"".join(lines)


def carriage_returns(text: bytes, chance: Random) -> bytes:
    """The line ends of Windows, where nothing normalises them."""
    return text.replace(b"\n", b"\r\n")


def byte_order_mark(text: bytes, chance: Random) -> bytes:
    """The mark that some editors begin a file with."""
    return b"\xef\xbb\xbf" + text


def emptied(text: bytes, chance: Random) -> bytes:
    """Nothing."""
    return b""


def replaced(text: bytes, chance: Random) -> bytes:
    """Something else altogether."""
    return b"# This file was rewritten.\n" + chance.randbytes(4).hex().encode() + b"\n"


def binary(text: bytes, chance: Random) -> bytes:
    """Something that is no text."""
    return b"\x89PNG\r\n\x1a\n\0" + chance.randbytes(64)


EDITS: tuple[Callable[[bytes, Random], bytes], ...] = (
    appended,
    inserted,
    shortened,
    altered,
    indented,
    carriage_returns,
    byte_order_mark,
    emptied,
    replaced,
    binary,
)


def edit_json(file: Path, edit: Callable[[Any], object], **form: Any) -> None:
    """Edit a JSON file in place."""
    whole = json.loads(file.read_text())
    edit(whole)
    file.write_text(json.dumps(whole, **{"indent": 2, **form}) + "\n")
