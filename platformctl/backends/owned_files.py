"""A folder whose files belong to services: each is replaced as a whole, durably, and only from the state that was seen.

Whose a file is stands beside it, because the programs that read these files want nothing else in them. The mark is
written before the file and removed after it, so that a kill in between leaves no file without an owner.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from platformctl.errors import BadConfig, Moved, Taken
from platformctl.home import sync_folder, write_atomically
from platformctl.locks import held
from platformctl.model import Owner

_MARKS: Final = ".owners"
_PATIENCE: Final = 60.0
"""Seconds to wait for others on this machine; a write takes milliseconds."""


@dataclass(frozen=True)
class Owned:
    """One file as it stands. `owner` is None for a file that platformctl did not write."""

    content: bytes
    owner: Owner | None
    as_left: bool = False
    """Whether it is known to be what platformctl wrote last."""

    @property
    def revision(self) -> str:
        """Changes with the content."""
        return _sha256(self.content)[:16]


class OwnedFiles:
    """Files by their path below `folder`; `lock` keeps the writers of one machine apart."""

    def __init__(self, folder: Path, lock: Path) -> None:
        self.folder = folder
        self._lock = lock

    def paths(self, pattern: str) -> list[str]:
        """The files that fit a glob, in order."""
        found = (file.relative_to(self.folder) for file in self.folder.glob(pattern) if file.is_file())
        return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))

    def read(self, path: str) -> Owned | None:
        """A file and whose it is; None when it is not there."""
        content = self.content(path)
        if content is None:
            return None
        mark = self._marked(path)
        if mark is None:
            return Owned(content, None)
        return Owned(content, Owner(mark["service"], mark["run"]), mark.get("sha256") == _sha256(content))

    def whose_was(self, pattern: str) -> Owner | None:
        """Whose a file was that is gone from where it was written: somebody has moved it. `pattern` is a glob."""
        for mark in sorted(self.folder.glob(f"{_MARKS}/{pattern}.json")):
            path = mark.relative_to(self.folder / _MARKS).as_posix().removesuffix(".json")
            if not (self.folder / path).exists() and (found := self._marked(path)):
                return Owner(found["service"], found["run"])
        return None

    def content(self, path: str) -> bytes | None:
        """A file, whosever it is; None when it is not there."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Write alone on this machine; what is written in the block can be derived from what all have written."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with held(self._lock, f"writing to {self.folder}", timeout=_PATIENCE):
            yield

    @contextmanager
    def still(self) -> Iterator[None]:
        """Look while nobody on this machine writes; writes nothing itself."""
        with held(self._lock, timeout=_PATIENCE):
            yield

    def write(self, path: str, content: bytes, owner: Owner, revision: str) -> Owned:
        """Replace a file that stands at `revision` (empty: there is none). Call it under `alone`.

        Raises `Moved` when it stands elsewhere, `Taken` when it is another service's.
        """
        seen = self.read(path)
        if (seen.revision if seen else "") != revision:
            raise Moved(f"{path} was changed meanwhile", where=str(self.folder / path))
        if seen and (seen.owner is None or seen.owner.service != owner.service):
            raise Taken(f"{path} is not {owner.service}'s", where=str(self.folder / path))
        mark = self._mark(path)
        for file in (mark, self.folder / path):
            file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(mark, json.dumps({**asdict(owner), "sha256": _sha256(content)}).encode())
        write_atomically(self.folder / path, content)
        return Owned(content, owner, as_left=True)

    def delete(self, path: str, revision: str) -> None:
        """Remove a file that stands at `revision`, its mark and folders that are empty then. Call it under `alone`.

        Raises `Moved` when it stands elsewhere; a file that is gone already is well.
        """
        seen = self.read(path)
        if seen and seen.revision != revision:
            raise Moved(f"{path} was changed meanwhile", where=str(self.folder / path))
        for file in (self.folder / path, self._mark(path)):
            file.unlink(missing_ok=True)
        self.sweep(path)

    def sweep(self, path: str) -> None:
        """Remove what a killed writer of a file left: drafts, and folders that are empty. Call it under `alone`."""
        for file in (self.folder / path, self._mark(path)):
            file.with_name(f".{file.name}.draft").unlink(missing_ok=True)  # as `write_atomically` names it
            self._tidy(file.parent)

    def _tidy(self, folder: Path) -> None:
        if folder.is_dir():
            sync_folder(folder)
        while folder != self.folder and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _marked(self, path: str) -> Mapping[str, str] | None:
        """What the mark of a file says: `service` and `run`, and the digest of what was written where it is known."""
        mark = self._mark(path)
        try:
            found = json.loads(mark.read_text(encoding="utf-8"))
            if isinstance(found, dict) and found.keys() >= {"service", "run"}:
                return found
        except FileNotFoundError:
            return None
        except ValueError:
            pass
        hint = "Remove it and the file that it is about, then: platformctl doctor SERVICE --fix"
        raise BadConfig("this mark of ownership is damaged", where=str(mark), hint=hint)

    def _mark(self, path: str) -> Path:
        return self.folder / _MARKS / f"{path}.json"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
