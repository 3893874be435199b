"""Actions as packages bring them: what they are, and that those of others do at every call what an action must.

An action of another package that breaks the contract ends a command with one line that names it, and not as a bug of
platformctl. `PLATFORMCTL_DEBUG` lets its own exceptions through.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from platformctl.action import Applied, Left, Proposed, Undone
from platformctl.errors import Failure, ToolFailed
from platformctl.model import File, Observed, Unreadable

_RESOURCE: Final = ("desired", "observe", "outputs_of", "apply", "undo")
_OPTIONAL: Final = ("differences", "notes", "irreversible", "proposed", "drift", "trace", "texts")


def package(point: EntryPoint) -> tuple[str, str]:
    """Name and version of the package that an entry point comes from."""
    if point.dist is None:
        return point.module.partition(".")[0], ""
    return point.dist.name, point.dist.version


def is_built_in(point: EntryPoint) -> bool:
    """Whether it comes with platformctl."""
    return point.module.partition(".")[0] == "platformctl"


@cache
def load(point: EntryPoint) -> Any:
    """The class of an action. Raises `ToolFailed` naming the package when it cannot be loaded or is no action."""
    try:
        kind = point.load()
    except Exception as problem:
        # A module can raise anything while it is imported.
        raise _broken(point, f"it cannot be loaded: {_said(problem)}") from problem
    if is_built_in(point):
        return kind
    if why := _shape(kind):
        raise _broken(point, why)
    return _checked(point, kind)


def _shape(kind: Any) -> str:
    """What an action lacks that its protocol has, or an empty string."""
    if not isinstance(kind, type):
        return "it is not a class"
    if not _is_schema(getattr(kind, "INPUTS", None)):
        return "INPUTS is not a JSON Schema of an object with properties"
    if hasattr(kind, "render"):
        return ""
    if missing := [name for name in _RESOURCE if not callable(getattr(kind, name, None))]:
        known = "it is neither a renderer nor a resource" if len(missing) == len(_RESOURCE) else "it is no resource"
        return f"{known}: it has no {' and no '.join(missing)}"
    if not isinstance(getattr(kind, "PORT", None), str):
        return "PORT does not name a port"
    if not _is_schema(getattr(kind, "OUTPUTS", None)):
        return "OUTPUTS is not a JSON Schema of an object with properties"
    return ""


def _is_schema(given: Any) -> bool:
    return isinstance(given, Mapping) and isinstance(given.get("properties"), Mapping)


def _checked(point: EntryPoint, kind: type[Any]) -> type[Any]:
    """The same class, with every call checked."""
    names = ["__init__", "render", *_RESOURCE, *_OPTIONAL]
    calls = {name: _call(point, name, getattr(kind, name)) for name in names if hasattr(kind, name)}
    return type(kind.__name__, (kind,), {"__doc__": kind.__doc__, "__module__": kind.__module__, **calls})


def _call(point: EntryPoint, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(self: Any, *arguments: Any) -> Any:
        try:
            given = method(self, *arguments)
        except Failure:
            raise
        except Exception as problem:
            if os.environ.get("PLATFORMCTL_DEBUG"):
                raise
            raise _broken(point, f"{name} raised {_said(problem)}") from problem
        if why := _refused(name, given, self):
            raise _broken(point, why)
        return given

    return checked


def _refused(name: str, given: Any, action: Any) -> str:
    """Why a call must not give this, or an empty string."""
    match name:
        case "render":
            good = isinstance(given, Mapping) and all(isinstance(file, File) for file in given.values())
            return "" if good else "render does not give files by path"
        case "desired":
            return "" if isinstance(given, Mapping) else "desired does not give values by address"
        case "observe":
            seen = (Observed, Unreadable)
            good = isinstance(given, Mapping) and all(isinstance(there, seen) for there in given.values())
            return "" if good else "observe does not give what it observed by address"
        case "outputs_of":
            declared = action.OUTPUTS["properties"].keys()
            if not isinstance(given, Mapping):
                return "outputs_of does not give outputs by name"
            wrong = [f"gives {key!r}, which OUTPUTS does not declare" for key in given if key not in declared]
            wrong += [f"does not give {key!r}, which OUTPUTS declares" for key in declared if key not in given]
            return f"outputs_of {wrong[0]}" if wrong else ""
        case "apply":
            return "" if isinstance(given, Applied | Proposed) else "apply does not say that it applied or proposed"
        case "undo":
            return "" if isinstance(given, Undone | Left) else "undo does not say that it undid or left"
        case _:
            return ""


def _said(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}"


def _broken(point: EntryPoint, why: str) -> ToolFailed:
    name, version = package(point)
    return ToolFailed(
        f"the action {point.name!r} of {' '.join(filter(None, (name, version)))} breaks its contract: {why}",
        hint=f"This is for the authors of {name} to mend; see platformctl actions test {point.name}",
    )


@cache
def points(group: str) -> Mapping[str, EntryPoint]:
    """The entry points of a group by name; looking through what is installed is done once a group."""
    return {point.name: point for point in entry_points(group=group)}
