"""One call of terraform or tofu, through python-terraform's argument lists.

python-terraform builds the arguments; starting the process is done here, because its own way leaves variable files
behind, inherits the terminal and cannot be given a timeout. What the program prints goes to a file: with a pipe, a
Terraform whose platformctl was killed would die of its next line and lose its state.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import operator
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from python_terraform import IsFlagged, Terraform

from platformctl.backends import process
from platformctl.errors import ToolFailed

FLAG: Final = IsFlagged
_GRACE: Final = 30.0
"""Seconds that Terraform gets to save its state after it was asked to stop."""

_NOT_OURS: Final = ("TF_CLI_ARGS", "TF_VAR_", "TF_LOG", "TF_WORKSPACE", "TF_DATA_DIR", "TF_HTTP_", "TF_INPUT")


_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")

_MEMORY: Final = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
"""Settings of Go, in which Terraform is written: a run this short ends before its garbage is worth collecting, which
otherwise is a fifth of its time. From the limit on it is collected as ever."""


@dataclass(frozen=True)
class Result:
    """What a call printed, as Terraform's JSON messages."""

    code: int
    messages: tuple[Mapping[str, Any], ...]
    text: str


class Command(Terraform):  # type: ignore[misc]  # python-terraform has no types
    """A Terraform program, run in one folder."""

    def __init__(
        self,
        program: str,
        folder: Path,
        timeout: float,
        extra: Mapping[str, str],
        secrets: Collection[str] = (),
    ) -> None:
        super().__init__(working_dir=str(folder), terraform_bin_path=program)
        self._timeout = timeout
        self._secrets = secrets
        self._environment = process.environment(
            _NOT_OURS, {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "LC_ALL": "C", **extra}
        )
        if not _MEMORY.keys() & self._environment.keys():
            self._environment |= _MEMORY
        configuration = self._environment.get("TF_CLI_CONFIG_FILE")
        if configuration and not Path(configuration).is_file():
            del self._environment["TF_CLI_CONFIG_FILE"]

    def read_state_file(self, file_path: str | None = None) -> None:
        """The state is never where python-terraform would look for it."""

    def __getattr__(self, item: str) -> Any:
        raise AttributeError(item)

    def call(
        self,
        name: str,
        *arguments: str,
        good: Collection[int] = (0,),
        keep: Collection[int] = (),
        **options: Any,
    ) -> Result:
        """Run a command; `keep` are open files that it inherits.

        Raises `ToolFailed` with Terraform's first diagnostic, its file and line, for an exit code that is not good;
        the secrets that this was made with are not repeated in it.
        """
        command = self.generate_cmd_string(name, *arguments, **options)
        tool = f"{Path(command[0]).name} {name}"
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(
                command,
                cwd=self.working_dir,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                pass_fds=tuple(keep),
            )
            if not _ended(child, self._timeout):
                raise ToolFailed(
                    f"{tool} did not end within {self._timeout:g} seconds and was stopped",
                    hint="Raise terraform.timeout_seconds in platform.yaml if it needs longer",
                )
            text, said = _content(out), _content(err)
        result = Result(child.returncode, tuple(_messages(text)), text)
        if child.returncode not in good:
            failure = _failure(tool, result, said)
            raise ToolFailed(self._without_secrets(failure.what), where=failure.where)
        return result

    def _without_secrets(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            for form in (secret, json.dumps(secret)[1:-1], " ".join(secret.split())):
                text = text.replace(form, "***") if form else text
        return text


def _ended(child: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait for a program; whether it ended in time. A wait with a timeout would look only every 50 ms."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        _stop(child)

    timer = threading.Timer(timeout, stop)
    timer.daemon = True
    timer.start()
    try:
        child.wait()
    finally:
        timer.cancel()
    return not late.is_set()


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _messages(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if line.startswith('{"@'):
            with contextlib.suppress(ValueError):
                yield json.loads(line)


def _failure(tool: str, result: Result, err: str) -> ToolFailed:
    if result.code < 0:
        return ToolFailed(f"{tool} was stopped by signal {-result.code}")
    for message in result.messages:
        found = message.get("diagnostic", {})
        if message.get("type") == "diagnostic" and found.get("severity") == "error":
            return _diagnosed(tool, found)
    lines = [line.strip("│╷╵ ") for line in _COLOUR.sub("", f"{err}\n{result.text}").splitlines()]
    said = " ".join(_paragraph(lines)) or next(filter(None, lines), "no message")
    return ToolFailed(f"{tool}: {said.removeprefix('Error: ')}")


def _paragraph(lines: Sequence[str]) -> Iterator[str]:
    """The first error among printed lines, with the paragraph that explains it."""
    after = itertools.dropwhile(lambda line: not line.startswith("Error:"), lines)
    if head := next(after, ""):
        explained = list(itertools.takewhile(bool, itertools.dropwhile(operator.not_, after)))
        yield f"{head}:" if explained else head
        yield from explained


def _diagnosed(tool: str, found: Mapping[str, Any]) -> ToolFailed:
    detail = str(found.get("detail", "")).split("\n\nThis was checked by")[0]
    text = ": ".join(filter(None, (str(found.get("summary", "")), " ".join(detail.split()))))
    place = found.get("range") or {}
    where = f"{place['filename']}:{place['start']['line']}" if place else ""
    return ToolFailed(f"{tool}: {text.rstrip('.')}", where=where)
