"""Following a file that another program appends to."""

from __future__ import annotations

from pathlib import Path


class Tail:
    """Gives the whole lines that came since it was asked last; what is not ended yet comes when it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def lines(self, *, last: bool = False) -> list[str]:
        """New lines without their ends; with `last`, also one that was never ended."""
        try:
            with self._file.open("rb") as file:
                file.seek(self._read)
                content = file.read()
        except FileNotFoundError:
            return []
        whole = len(content) if last else content.rfind(b"\n") + 1
        self._read += whole
        return content[:whole].decode(errors="replace").splitlines()
