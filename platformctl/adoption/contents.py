"""What a repository holds: every file by its name, and the texts of the few that say most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from platformctl.adoption.languages import Spoken, sources, spoken
from platformctl.adoption.libraries import is_read, libraries

CODEOWNERS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for them, in its order; the first one counts."""
CATALOG: Final = "catalog-info.yaml"

_REGULAR: Final = ("100644 ", "100755 ")
"""Modes of files that have a text; links and submodules have none."""
_LARGEST: Final = 256 * 1024
"""Bytes of a text that are looked at."""
_SOURCES: Final = 20
"""Files with source code that are read at most: on GitHub each is a request."""
_LANGUAGES: Final = 2
"""Languages of which source code is read."""
_TELLING: Final = ("main", "app", "server", "api", "worker", "consumer", "__main__", "wsgi", "asgi", "cli")
"""Names, without endings, of files in which programs begin."""


@dataclass(frozen=True)
class Contents:
    """A repository."""

    entries: Mapping[str, str]
    """Git's mode and blob hash of each file, as `100644 HASH`."""
    texts: Mapping[str, str]
    """Those that were read."""

    @cached_property
    def languages(self) -> list[Spoken]:
        """What it is written in."""
        return spoken([path for path in self.entries if _is_text(path)])

    @cached_property
    def libraries(self) -> Mapping[str, str]:
        """What its manifests name, with the manifest."""
        return {name: path for path in self.texts for name in sorted(libraries(_name(path), self.texts[path]))}

    def first(self, text: str, language: str) -> str:
        """A file with source code in a language that has this text in it; empty where none has."""
        return next((path for path in sources(sorted(self.texts), language) if text in self.texts[path]), "")

    def depends_on(self, library: str) -> str:
        """The manifest that names a library, or a package below it; empty where none does."""
        below = (path for name, path in self.libraries.items() if name == library or name.startswith(f"{library}/"))
        return next(below, "")

    def like(self, path: str) -> str:
        """The file that stands where this one would: under its name, or under one that means the same."""
        if path in self.entries:
            return path
        if path in CODEOWNERS:
            return next((place for place in CODEOWNERS if place in self.entries), "")
        folder, _, name = path.rpartition("/")
        same = _same(name)
        return next((other for other in self._by_folder.get(folder, ()) if _same(_name(other)) == same), "")

    def in_the_way(self, path: str) -> str:
        """A file where a folder of this path would be, or a folder where the file would be; empty for neither."""
        parts = path.split("/")
        above = ("/".join(parts[:at]) for at in range(1, len(parts)))
        return next((one for one in above if one in self.entries), f"{path}/" if path in self._folders else "")

    @cached_property
    def _by_folder(self) -> Mapping[str, list[str]]:
        """The files of each folder, sorted."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.entries):
            found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    @cached_property
    def _folders(self) -> frozenset[str]:
        """Every folder that something is below."""
        folders = (folder.split("/") for folder in self._by_folder if folder)
        return frozenset("/".join(parts[:at]) for parts in folders for at in range(1, len(parts) + 1))


def read(entries: Mapping[str, str], load: Callable[[str], bytes]) -> Contents:
    """A repository with these files; `load` gives a file's content by its blob hash."""
    texts = {}
    for path in _read(entries):
        text = load(entries[path].partition(" ")[2])[:_LARGEST]
        texts[path] = text.decode(errors="replace")
    return Contents(entries, texts)


def _read(entries: Mapping[str, str]) -> Iterator[str]:
    """The files that are read."""
    files = [path for path, about in sorted(entries.items()) if about.startswith(_REGULAR) and _is_text(path)]
    for path in files:
        top = "/" not in path
        if path in CODEOWNERS or path == CATALOG or (top and (is_read(path) or _same(path) in ("readme", "makefile"))):
            yield path
    for language in spoken(files)[:_LANGUAGES]:
        programs = [path for path in sources(files, language.name) if not _is_test(path)]
        yield from sorted(programs, key=_begins)[:_SOURCES]


def _begins(path: str) -> tuple[bool, int, str]:
    """Sorts files in which a program may begin before others, and those at the top before those below."""
    stem = _name(path).partition(".")[0]
    return stem not in _TELLING and "cmd" not in path.split("/"), path.count("/"), path


def _is_test(path: str) -> bool:
    name = _name(path)
    folders = path.split("/")[:-1]
    return name.startswith("test_") or "_test." in name or bool({"test", "tests", "docs", "examples"} & set(folders))


def _is_text(path: str) -> bool:
    """Whether a name is UTF-8, so that people can be told of it; git takes any bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _same(name: str) -> str:
    """What files of different names have in common that mean the same to people and tools."""
    lower = name.lower()
    if lower.partition(".")[0] == "readme":
        return "readme"
    known = {"gnumakefile": "makefile", "containerfile": "dockerfile", ".containerignore": ".dockerignore"}
    return known.get(lower, f"{lower[:-5]}.yml" if lower.endswith(".yaml") else lower)
