"""One file, merged three ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from platformctl.merge.formats import format_of
from platformctl.merge.git import Git, Lines
from platformctl.merge.shape import MIXED, Shape, merge_shapes
from platformctl.merge.structured import merge_structured
from platformctl.merge.three import Three, settled

LABELS: Final = Three("before", "the service", "the golden path")
"""What stands behind git's markers: for the recorded version, the service and the new version."""
_LOOKED_AT: Final = 8000
"""Bytes; a zero among them makes a file binary, as in git."""


@dataclass(frozen=True)
class Content:
    """What a merge of one file gave."""

    content: bytes
    """With git's markers where a text is in dispute; of a binary file that is, ours."""
    conflict: bool = False
    binary: bool = False


def three_way(
    base: bytes, ours: bytes, theirs: bytes, path: str = "", *, labels: Three[str] = LABELS, git: Git | None = None
) -> Content:
    """Bring the change from `base` to `theirs` into `ours`; an empty `base` is a file that both sides added.

    `path` tells what structure the file has. What only one side changed is taken to the byte. `git` may be shared by
    merges of many files.
    """
    sides = Three(base, ours, theirs)
    result = settled(sides)
    if result.agreed:
        return Content(result.ours)
    if any(b"\0" in side[:_LOOKED_AT] for side in sides):
        return Content(ours, conflict=True, binary=True)
    if git is None:
        with Git() as own:
            return three_way(base, ours, theirs, path, labels=labels, git=own)
    shapes = sides.map(Shape.of)
    if MIXED in shapes.map(lambda shape: shape.ends):
        lines = git.merge(sides, labels)
        return Content(lines.content, conflict=not lines.clean)
    shape = merge_shapes(shapes)
    bare = Three(*(form.without(side) for form, side in zip(shapes, sides, strict=True)))
    result = settled(bare)
    lines = Lines(result.ours, clean=True) if result.agreed else _merged(bare, path, labels, git)
    return Content(shape.put_on(lines.content, whole=not lines.clean), conflict=not lines.clean)


def _merged(sides: Three[bytes], path: str, labels: Three[str], git: Git) -> Lines:
    """Plain lines, merged along their structure where they have one."""
    form = format_of(path)
    if form is not None:
        try:
            texts = sides.map(bytes.decode)
        except UnicodeDecodeError:
            form = None
    if form is None:
        return git.merge(sides, labels)
    return merge_structured(texts, form, lambda some: git.merge(some.map(str.encode), labels))
