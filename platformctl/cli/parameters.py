"""Plain parameters without pydantic, which Typer loads to convert even a string: half of the time of completion.

Typer has no door for this, so its version is pinned exactly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import typer.core
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

_PLAIN: Final = (str, bool, Path, list[str])


class Plain(RuntimeParam):
    """Text, which the command line gives as it is, or a path."""

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        return Path(value) if self.annotation is Path else value


def runtime_param(descriptor: TypeDescriptor) -> RuntimeParam:
    """How a parameter is converted: by Typer, but for plain ones."""
    if descriptor.annotation in _PLAIN:
        return Plain(descriptor.parameter_info, descriptor.annotation)
    return build_runtime_param(descriptor)


def use() -> None:
    """Convert plain parameters this way from now on."""
    typer.core.build_runtime_param = runtime_param  # type: ignore[attr-defined]
