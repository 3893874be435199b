"""Rendered files that are made when somebody first looks at them: what nobody needs is not rendered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from platformctl.model import File, Tree


class Rendered(Mapping[str, File]):
    """A tree; whoever looks gets the same one, and what rendering raises, raised where he looks."""

    def __init__(self, render: Callable[[], Tree]) -> None:
        self._render = render
        self._lock = threading.Lock()
        self._files: Tree | None = None

    @property
    def files(self) -> Tree:
        """The files themselves."""
        if self._files is None:
            with self._lock:
                if self._files is None:
                    self._files = self._render()
        return self._files

    def make(self) -> None:
        """Render now. Raises what rendering raises."""
        assert self.files is not None

    def __getitem__(self, path: str) -> File:
        return self.files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def without_files(value: Any) -> Any:
    """Inputs as JSON, for a check by their schema: an empty object stands for rendered files."""
    if isinstance(value, Rendered):
        return {}
    if isinstance(value, Mapping):
        return {key: without_files(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_files(item) for item in value]
    return value
