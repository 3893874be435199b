"""A text with a structure, merged three ways: what it says decides, and its lines stay as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from platformctl.merge.formats import Format, Structured
from platformctl.merge.git import Lines
from platformctl.merge.judge import LineMerge, merge_values
from platformctl.merge.outline import Body
from platformctl.merge.splice import splice
from platformctl.merge.three import Three
from platformctl.merge.value import Opaque, Value

_LONGEST: Final = 1_000_000
"""Characters; a longer text is merged by lines."""


def merge_structured(texts: Three[str], form: Format, merge: Callable[[Three[str]], Lines]) -> Lines:
    """Merge texts of a format; by lines, which is what `merge` does, where one of them does not have it.

    The merge by lines is taken if it says what the merge of the values says. Otherwise the texts are put together from
    their pieces, and that is taken if it says so and has lost no comment. What is in dispute then stands between
    markers, and nothing else does.
    """
    lines = merge(texts)
    if max(map(len, texts)) > _LONGEST:
        return lines
    try:
        read = texts.map(lambda text: form(text) if text.strip() else None)
        return _merged(texts, read, lines, form, merge)
    except (Opaque, RecursionError):
        return lines


def _merged(
    texts: Three[str],
    read: Three[Structured | None],
    lines: Lines,
    form: Format,
    merge: Callable[[Three[str]], Lines],
) -> Lines:
    def leaf(sides: Three[str]) -> str | None:
        merged = merge(sides)
        return merged.content.decode() if merged.clean else None

    wanted = merge_values(read.map(lambda text: text.value if text else None), leaf)
    if lines.clean and wanted.agreed and _reading(form, lines.content.decode(), wanted.ours):
        return lines
    if spliced := _spliced(read, wanted, form, leaf):
        merged = merge(spliced)
        if merged.clean == spliced.agreed:
            return merged
    return merge(Three("", texts.ours, texts.theirs)) if lines.clean else lines


def _spliced(
    read: Three[Structured | None], wanted: Three[Value | None], form: Format, leaf: LineMerge
) -> Three[str] | None:
    """The texts put together piece by piece; None when that does not say what is wanted, or lacks a comment."""
    if read.ours is None or read.theirs is None:
        return None
    try:
        ours, theirs = read.ours.outline(), read.theirs.outline()
        bodies = Three(read.base.outline() if read.base else replace(ours, parts=()), ours, theirs)
        spliced = splice(bodies, leaf)
        if spliced is None:
            return None
        if not spliced.agreed:
            return spliced if all(map(_reading, [form] * 3, spliced, wanted)) else None
        result = _reading(form, spliced.ours, wanted.ours) if wanted.agreed else None
        return spliced if result and not _remarks(bodies) - Counter(result.outline().remarks) else None
    except Opaque:
        return None


def _remarks(bodies: Three[Body]) -> Counter[str]:
    """The comments that a merge must have: those that nobody took out."""
    base, ours, theirs = bodies.map(lambda body: Counter(body.remarks))
    return Counter(
        {
            remark: ours[remark] if ours[remark] == theirs[remark] else ours[remark] + theirs[remark] - base[remark]
            for remark in ours | theirs
        }
    )


def _reading(form: Format, text: str, wanted: Value | None) -> Structured | None:
    """A text, read, if it says what is wanted and nothing else."""
    try:
        read = form(text)
    except Opaque:
        return None
    return read if read.value == wanted else None
