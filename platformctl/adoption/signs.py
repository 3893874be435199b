"""By what a repository shows how its service gets its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ByLanguage = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Signs:
    """Signs of one way to get events, by language. A driver has those of the services that it drives."""

    libraries: ByLanguage = field(default_factory=dict)
    """Who depends on one of these gets events this way. Names as manifests have them, Python's normalised."""
    calls: ByLanguage = field(default_factory=dict)
    """Text in source code that only who gets events this way has."""
    hints: ByLanguage = field(default_factory=dict)
    """Libraries that others have too, such as a client that may only send."""
