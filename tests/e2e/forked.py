"""platformctl in forks of the test's process, where what takes long to load is loaded once.

For tests that call it again and again, and that kill it at journal points. Services are looked at in that one process,
and not side by side in others.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from platformctl import cli
from platformctl.commands import fleet
from tests.conftest import Cli
from tests.e2e import killed


class Forked(Cli):
    """Runs platformctl as its users do. What one call has loaded is there for the next."""

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run it to the end and expect an exit code; None takes any."""
        done = self._run(arguments, -1)[0]
        assert code is None or done.returncode == code, (
            f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def kill_at(self, point: int, *arguments: str) -> int:
        """Run until a journal point and die there: gives -1. A point that does not come gives how many there were."""
        done, passed = self._run(arguments, point)
        assert done.returncode in (0, 1, 3, -9), done.stderr
        return -1 if done.returncode == -9 else passed

    def _run(self, arguments: Sequence[str], point: int) -> tuple[subprocess.CompletedProcess[str], int]:
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("out", "err", "passed", "loaded")]
            for file in files:
                file.touch()
            child = os.fork()
            if child == 0:
                self._child(arguments, point, *files)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            out, err, passed, loaded = (file.read_text() for file in files)
            for name in loaded.split():
                with suppress(ImportError):  # one that a library made up
                    import_module(name)
        return subprocess.CompletedProcess(arguments, status, out, err), int(passed or 0)

    def _child(self, arguments: Sequence[str], point: int, out: Path, err: Path, passed: Path, loaded: Path) -> None:
        code, before = 70, set(sys.modules)
        try:
            os.chdir(self.cwd)
            os.environ.clear()
            os.environ.update(self.environment())
            for number, file, mode in ((0, os.devnull, "r"), (1, out, "w"), (2, err, "w")):
                os.dup2(os.open(file, os.O_RDWR), number)
                name = ("stdin", "stdout", "stderr")[number]
                setattr(sys, name, io.TextIOWrapper(os.fdopen(number, f"{mode}b"), encoding="utf-8"))
            fleet.side_by_side = _one_after_the_other
            killed.reached = 0
            killed.killed_at(point)
            sys.argv = ["platformctl", *arguments]
            code = cli.run()
            sys.stdout.flush()
            sys.stderr.flush()
            passed.write_text(str(killed.reached))
            loaded.write_text(" ".join(sys.modules.keys() - before))
        finally:
            os._exit(code)


def _one_after_the_other(
    begin: Callable[[Any], Callable[[str], Any]], task: Any, names: Sequence[str], *_: object
) -> Generator[tuple[str, Any], None, None]:
    look = begin(task)
    for name in names:
        yield name, look(name)
