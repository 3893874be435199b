"""What an action is tried with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from platformctl.model import Json

SERVICE: Final = "svc"
"""The service that all runs are for; what an action makes carries its mark."""


class Broken(AssertionError):  # noqa: N818 - a finding, not an error of the kit
    """A promise that an action does not keep, and how."""


@dataclass(frozen=True)
class RendererCase:
    """One renderer with inputs."""

    action: type[Any]
    """Importable by its name, so that another process can have it too."""
    inputs: Mapping[str, Json]
    files: Mapping[str, str] = field(default_factory=dict)
    """What is in the recipe's folder, by path; `../../modules/main.tf` is beside the golden path."""


@dataclass(frozen=True)
class ResourceCase:
    """One resource with inputs, and a world to try it in."""

    action: type[Any]
    inputs: Mapping[str, Any]
    port: Callable[[Path], Any]
    """Makes the backend on a folder that belongs to the case; called anew for each process that is played."""
    other: Mapping[str, Any] | None = None
    """Inputs that ask for something else at the same addresses; None when nothing is ever updated."""
    before: Callable[[Any], None] = lambda port: None
    """Makes through the backend what has to be there first."""
    world: Callable[[Any], Any] | None = None
    """What stands behind the backend, to be compared: without times and locks; the folder's files by default."""
    noise: Sequence[str] = ()
    """Globs of files in the folder that do not count, such as locks; `*` is any text, slashes included."""
    secrets: Sequence[str] = ()
    """Environment variables that the backend's references name; a secret is planted in each."""
    kills: int | None = None
    """How many moments a kill is tried at, spread evenly; all of them by default. For tools that take seconds."""


Case = RendererCase | ResourceCase
