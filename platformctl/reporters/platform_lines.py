"""What `doctor --platform` shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformctl.port import Need
from platformctl.reporters.lines import Line


def platform_lines(needs: Sequence[tuple[str, Need]]) -> Iterator[Line]:
    """What a platform needs of its tools and servers, and what of it is missing."""
    width = max(len(port) for port, _ in needs)
    for port, need in needs:
        if not need.problem:
            yield [("good", "✓ "), ("", f"{port:<{width}}  "), ("quiet", need.what)]
            continue
        yield [("bad", "✗ "), ("strong", f"{port:<{width}}  "), ("", f"{need.what}: "), ("bad", need.problem)]
        if need.hint:
            yield [("quiet", f"  {'':<{width}}  {need.hint}")]
    missing = sum(1 for _, need in needs if need.problem)
    yield []
    if missing:
        yield [("bad", f"{missing} of {len(needs)} missing.")]
    else:
        yield [("good", "Everything that the platform needs is there.")]
