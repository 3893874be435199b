"""Languages, told by the files of a repository."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True)
class _Files:
    sources: tuple[str, ...]
    """How files with source code end."""
    manifests: tuple[str, ...]
    """Globs of files at the top that say what the code needs."""


_KNOWN: Final = {
    "python": _Files(
        (".py",),
        (
            "pyproject.toml",
            "requirements*.txt",
            "requirements*.lock",
            "setup.py",
            "setup.cfg",
            "Pipfile",
            "Pipfile.lock",
            "poetry.lock",
            "uv.lock",
        ),
    ),
    "go": _Files((".go",), ("go.mod", "go.sum")),
    "javascript": _Files((".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx"), ("package.json",)),
    "java": _Files((".java", ".kt"), ("pom.xml", "build.gradle", "build.gradle.kts")),
    "ruby": _Files((".rb",), ("Gemfile",)),
    "rust": _Files((".rs",), ("Cargo.toml",)),
    "php": _Files((".php",), ("composer.json",)),
    "dotnet": _Files((".cs",), ("*.csproj", "*.sln")),
    "elixir": _Files((".ex", ".exs"), ("mix.exs",)),
}
_OTHERS: Final = frozenset({"vendor", "node_modules", "third_party", "venv", ".venv", "site-packages", "testdata"})
"""Folders of code that is somebody else's, or none."""


@dataclass(frozen=True)
class Spoken:
    """A language of a repository."""

    name: str
    manifest: str
    """A file at the top that says so; empty where there is none."""
    sources: int
    """Files with source code."""

    @property
    def evidence(self) -> str:
        """By what it was told."""
        counted = f"{self.sources} source file{'' if self.sources == 1 else 's'}"
        return f"{self.manifest} and {counted}" if self.manifest else counted


def spoken(paths: Collection[str]) -> list[Spoken]:
    """The languages of these files: those with a manifest first, then by how much there is of them."""
    found = []
    for name in _KNOWN:
        manifest = next((path for path in sorted(paths) if is_manifest(path, name)), "")
        number = sum(1 for _ in sources(paths, name))
        if manifest or number:
            found.append(Spoken(name, manifest, number))
    return sorted(found, key=lambda one: (not one.manifest, -one.sources))


def sources(paths: Iterable[str], language: str) -> Iterable[str]:
    """The files with source code in a language, without what came from elsewhere."""
    return (path for path in paths if is_source(path, language) and not _OTHERS & set(path.split("/")[:-1]))


def is_source(path: str, language: str) -> bool:
    """Whether a file has source code in this language."""
    return language in _KNOWN and path.endswith(_KNOWN[language].sources)


def is_manifest(path: str, language: str) -> bool:
    """Whether a file at the top says what code in this language needs."""
    return language in _KNOWN and any(fnmatchcase(path, glob) for glob in _KNOWN[language].manifests)
