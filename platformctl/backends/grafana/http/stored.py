"""A dashboard as Grafana stores it, and what an API has to do with dashboards and folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from platformctl.model import Json


@dataclass(frozen=True)
class Stored:
    """One dashboard, with the mark in it and without what Grafana counts."""

    dashboard: Mapping[str, Json]
    folder: str
    """The folder's uid; empty for a dashboard that is in none."""
    version: int
    """1 when it is made, and one more with every change of it or of its folder."""
    metadata: Mapping[str, Json]
    """What the API knows it by: a write shows it again, so that it is a swap."""

    @cached_property
    def revision(self) -> str:
        """Changes with the dashboard, its folder and its version."""
        text = json.dumps([self.version, self.folder, self.dashboard], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Api(Protocol):
    """One of Grafana's APIs. Raises what `Client` raises; `Conflict` when a swap lost, or a name is taken."""

    NAME: ClassVar[str]
    REWRITES: ClassVar[bool]
    """Whether it brings what it is given to its own newest schema before it stores it."""

    def read(self, uid: str) -> Stored | None:
        """The dashboard, or None when there is none."""

    def write(self, uid: str, dashboard: Mapping[str, Json], folder: str, seen: Stored | None, why: str) -> None:
        """Create it (`seen` is None) or replace what was seen; `why` goes into its history."""

    def delete(self, uid: str, seen: Stored) -> None:
        """Delete what was seen, or find it gone."""

    def has_folder(self, uid: str) -> bool:
        """Whether the folder can be seen."""

    def make_folder(self, uid: str, title: str) -> None:
        """Create a folder that everybody may see as Grafana's defaults have it."""
