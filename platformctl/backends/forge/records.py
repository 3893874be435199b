"""What the embedded forge keeps of each repository beside git's objects: one JSON file, changed under a lock."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from platformctl.backends.forge.git import TIMEOUT, Git
from platformctl.errors import BadConfig, Moved, NotFound
from platformctl.home import write_atomically
from platformctl.locks import held
from platformctl.model import Json, Owner

META: Final = "platformctl.json"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,60}")


class Records:
    """The repositories of one organisation, below `folder`, with their records."""

    def __init__(self, folder: Path, organisation: str) -> None:
        self._folder = folder / organisation

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound(f"{name!r} cannot be a repository's name")
        return self._folder / f"{name}.git"

    def _git(self, name: str) -> Git:
        return Git(self._git_folder(name))

    def _git_folder(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_dir():
            raise NotFound(f"there is no repository {name!r}", where=str(self._folder))
        return path

    def _meta(self, name: str) -> dict[str, Any] | None:
        path = self._path(name)
        if not path.is_dir():
            return None
        try:
            meta: dict[str, Any] = json.loads(_content(path / META))
            Owner(**meta["owner"])
        except FileNotFoundError:
            return {"owner": {"service": "", "run": ""}, "settings": {}, "protection": {}}
        except (ValueError, KeyError, TypeError):
            raise BadConfig("this file is damaged", where=str(path / META)) from None
        return meta

    @contextmanager
    def _locked(self, name: str) -> Iterator[dict[str, Any]]:
        """Read, let the block change, write back; alone on this machine."""
        path = self._path(name)
        if not path.is_dir():
            raise Moved(f"repository {name} is gone", where=str(self._folder))
        with held(path / "platformctl.lock", f"a change of repository {name}", timeout=TIMEOUT):
            meta = self._meta(name)
            if meta is None:
                raise Moved(f"repository {name} is gone", where=str(self._folder))
            before = text(meta)
            yield meta
            if path.is_dir() and text(meta) != before:
                write_atomically(path / META, text(meta))

    def _expect(self, found: str, revision: str, name: str) -> None:
        if found != revision:
            raise Moved(f"repository {name} was changed meanwhile", where=str(self._path(name)))


def _content(file: Path) -> bytes:
    """What a file holds. One that is none, and would keep whoever reads it waiting, holds nothing."""

    def at_once(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)

    with open(file, "rb", opener=at_once) as stream:
        return stream.read()


def digest(value: Json) -> str:
    """A revision made from a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def text(meta: Mapping[str, Any]) -> bytes:
    """A record as it stands in its file."""
    return (json.dumps(meta, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode(errors="backslashreplace")


def updated(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are wanted, beside what nobody has asked for: as on other forges, that is left alone."""
    readers = {team: may for team, may in found.get("teams", {}).items() if may == "read"}
    return {
        **found,
        **wanted,
        **({"teams": {**readers, **wanted["teams"]}} if "teams" in wanted else {}),
        "properties": {**found.get("properties", {}), **wanted.get("properties", {})},
    }
