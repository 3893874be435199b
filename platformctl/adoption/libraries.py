"""The libraries that a manifest names. A manifest that cannot be read names none."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as IniError
from fnmatch import fnmatchcase
from typing import Any, Final

_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_GO: Final = re.compile(r"^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+(?:/[^\s/]+)*)\s+v\d(?!.*//\s*indirect)", re.MULTILINE)
_REQUIRED: Final = re.compile(r"install_requires\s*=\s*\[([^\]]*)\]", re.DOTALL)
_QUOTED: Final = re.compile(r"""["']([^"']+)["']""")


def libraries(file: str, text: str) -> frozenset[str]:
    """What a manifest of this name says its code needs; Python's names as PEP 503 writes them."""
    for glob, read in _READERS.items():
        if fnmatchcase(file, glob):
            try:
                return frozenset(read(text))
            except (ValueError, IniError, RecursionError):
                return frozenset()
    return frozenset()


def is_read(file: str) -> bool:
    """Whether libraries can be told by a file of this name."""
    return any(fnmatchcase(file, glob) for glob in _READERS)


def _pyproject(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    yield from _python(_at(data, "project").get("dependencies"))
    yield from _python(_at(data, "tool", "poetry", "dependencies"))


def _pipfile(text: str) -> Iterator[str]:
    yield from _python(_at(tomllib.loads(text), "packages"))


def _setup_cfg(text: str) -> Iterator[str]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    yield from _python(parser.get("options", "install_requires", fallback="").splitlines())


def _setup_py(text: str) -> Iterator[str]:
    """Not run, only looked at: a list that is written out."""
    for found in _REQUIRED.findall(text):
        yield from _python(_QUOTED.findall(found))


def _requirements(text: str) -> Iterator[str]:
    yield from _python(line for line in text.splitlines() if not line.lstrip().startswith(("#", "-")))


def _package_json(text: str) -> Iterator[str]:
    yield from map(str, _at(json.loads(text), "dependencies"))


def _go_mod(text: str) -> Iterator[str]:
    yield from _GO.findall(text)


def _python(named: Any) -> Iterator[str]:
    """The names in requirements, which are a list of texts or the keys of a table."""
    for requirement in named if isinstance(named, Iterable) and not isinstance(named, str) else ():
        if found := _NAME.match(str(requirement)):
            yield re.sub(r"[-_.]+", "-", found[1]).lower()


def _at(data: Any, *place: str) -> Mapping[str, Any]:
    """A table in parsed data; an empty one where there is none."""
    for name in place:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


_READERS: Final[Mapping[str, Callable[[str], Iterator[str]]]] = {
    "pyproject.toml": _pyproject,
    "requirements*.txt": _requirements,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "go.mod": _go_mod,
    "package.json": _package_json,
}
