"""Where cases are planted: each stand is made when its first case comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.drifts.github_kinds import STAND as GITHUB
from tests.drifts.github_stand import GitHubStand
from tests.drifts.grafana_kinds import VERSIONS
from tests.drifts.grafana_stand import GrafanaStand
from tests.drifts.stand import Stand


class Stands:
    """Every stand by its name, below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: dict[str, Stand] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for stand in self._made.values():
            stand.close()

    @contextmanager
    def entered(self, name: str) -> Iterator[Stand]:
        """One stand, while platformctl works there."""
        if name not in self._made:
            self._made[name] = self._make(name)
        with self._made[name].entered():
            yield self._made[name]

    def _make(self, name: str) -> Stand:
        root = self._root / name.replace(" ", "-").lower()
        if name == GITHUB:
            return GitHubStand(root)
        return GrafanaStand(root, VERSIONS[name]) if name in VERSIONS else Stand(root)
