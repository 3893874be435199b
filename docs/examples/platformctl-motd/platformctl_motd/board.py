"""The port `motd`: a board with one message for each name. Every write names the revision that it expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from platformctl.errors import Moved
from platformctl.home import write_atomically
from platformctl.locks import held
from platformctl.model import Owner


@dataclass(frozen=True)
class Message:
    """One message with the mark of who put it there."""

    text: str
    owner: Owner

    @property
    def revision(self) -> str:
        """Changes with the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


class Board(Protocol):
    """What the action needs of a board."""

    def check(self) -> None:
        """Raise `NoAccess` when a tool or a credential is missing."""

    def read(self, name: str) -> Message | None:
        """The message of this name, if there is one."""

    def write(self, name: str, message: Message | None, revision: str) -> None:
        """Put a message up, or take it down with None. Raises `Moved` unless the board is at `revision`."""


class BoardInFiles:
    """A board that is a folder, with a file for each message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> BoardInFiles:
        """The board of a platform, in its home folder."""
        return cls(home / "motd" / platform["organisation"])

    def check(self) -> None:
        """Nothing is needed."""

    def read(self, name: str) -> Message | None:
        try:
            form = json.loads(self._file(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Message(form["text"], Owner(**form["owner"]))

    def write(self, name: str, message: Message | None, revision: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with held(self._folder / ".lock", f"the message {name}", timeout=10):
            there = self.read(name)
            if (there.revision if there else "") != revision:
                raise Moved(f"the message {name} was changed meanwhile")
            if message is None:
                self._file(name).unlink(missing_ok=True)
            else:
                write_atomically(self._file(name), json.dumps(asdict(message)).encode())

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
