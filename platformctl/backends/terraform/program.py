"""Terraform or OpenTofu as a program: found on PATH, and no more at once than there are slots."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.backends import process
from platformctl.backends.terraform.command import Command, Result
from platformctl.backends.terraform.slots import slot


@dataclass(frozen=True)
class Program:
    """The first of `tools` that is on PATH; a call may take `timeout` seconds, and as long for its slot."""

    locks: Path
    tools: Sequence[str]
    timeout: float

    def find(self) -> str:
        """The program's file. Raises `NoAccess` with the install line."""
        return process.find(*self.tools)

    def call(
        self,
        folder: Path,
        environment: Mapping[str, str],
        name: str,
        *arguments: str,
        good: Collection[int] = (0,),
        keep: Collection[int] = (),
        secrets: Collection[str] = (),
        **options: Any,
    ) -> Result:
        """Run one command in a folder; `keep` are open files that it inherits, `secrets` what no error may repeat.

        Raises `ToolFailed`.
        """
        command = Command(self.find(), folder, self.timeout, environment, secrets)
        with slot(self.locks, self.timeout) as handles:
            return command.call(name, *arguments, good=good, keep=(*handles, *keep), **options)
