"""What stands ready before anything is measured: homes, the floor's parts, and the proof that both make the same."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Command, run

SERVICE = "payments-api"
ANSWERS = ("--team", "payments", "--description", "Takes payments")
QUIET = ("--no-input", "--yes")
FLOOR = Path(__file__).with_name("floor.sh")

_NOT_OURS = ("GIT_", "TF_", "PLATFORMCTL_", "_PLATFORMCTL_", "XDG_", "PYTHON", "COVERAGE_")


class Stage:
    """Two homes at places that stay, so that the addresses in them stay; each run starts from a copy of a template.

    `PREPARED` has the organisation's repositories and has seen one service; `MADE` has `SERVICE` too.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "platformctl"
        self.floor_home = folder / "floor"
        self._parts = folder / "parts"
        self._templates = folder / "templates"
        self._program = Path(sys.executable).with_name("platformctl")
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_OURS)}
        if not self._program.is_file():
            raise RuntimeError(f"{self._program} is not there: install platformctl for this Python")

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Stage]:
        """A stage that is ready; gone afterwards. Raises RuntimeError when the floor does not make the same."""
        with TemporaryDirectory(prefix="platformctl-bench-", ignore_cleanup_errors=True) as folder:
            stage = cls(Path(folder).resolve())
            stage._prepare()
            yield stage

    def platformctl(self, *arguments: str, **environment: str) -> Command:
        """A platformctl command on its home."""
        ours = {"PLATFORMCTL_HOME": str(self.home), **environment}
        return Command([str(self._program), *arguments], {**self._environment, **ours})

    def new(self, name: str = SERVICE, *more: str) -> Command:
        """`platformctl new`."""
        return self.platformctl("new", "service", name, *ANSWERS, *QUIET, *more)

    def floor(self, mode: str) -> Command:
        """A mode of the script."""
        return Command(["sh", str(FLOOR), mode, str(self.floor_home), str(self._parts), SERVICE], self._environment)

    def python(self) -> Command:
        """The interpreter, doing nothing."""
        return Command([sys.executable, "-c", "pass"], self._environment)

    def empty(self) -> None:
        """Have neither home."""
        for home in (self.home, self.floor_home):
            shutil.rmtree(home, ignore_errors=True)
        os.sync()

    def prepared(self) -> None:
        """Have both homes without the service."""
        self._restore("prepared")

    def made(self) -> None:
        """Have both homes with the service."""
        self._restore("made")

    def _prepare(self) -> None:
        run(self.new("first-service"))
        self._keep("prepared", self.home)
        run(self.new())
        self._write_parts()
        run(self.floor("organisation"))
        run(self.floor("initialise"))
        self._keep("prepared", self.floor_home)
        run(self.floor("reused"))
        self._keep("made", self.home)
        self._keep("made", self.floor_home)
        self._check("reused", self.floor_home / "root/terraform.tfstate.d" / SERVICE)
        self.prepared()
        run(self.new())
        run(self.floor("fresh"))
        self._check("fresh", self.floor_home / "terraform" / SERVICE)
        self.empty()
        run(self.new())
        run(self.floor("first"))
        self._check("first", self.floor_home / "terraform" / SERVICE)

    def _keep(self, template: str, home: Path) -> None:
        shutil.copytree(home, self._templates / template / home.name, symlinks=True)

    def _restore(self, template: str) -> None:
        self.empty()
        for home in (self.home, self.floor_home):
            shutil.copytree(self._templates / template / home.name, home, symlinks=True)
        # What the copy left to be written is not to slow down the one that asks for its own files to be on disk.
        os.sync()

    def _write_parts(self) -> None:
        organisation = self._parts / "organisation"
        organisation.mkdir(parents=True)
        for name in ("platform-workflows", "platform-modules", "environments"):
            repository = _Repository(self.home, name)
            first = repository.git("rev-list", "--max-parents=0", "main").decode().strip()
            (organisation / f"{name}.stream").write_bytes(repository.stream(first))
            if tag := repository.git("for-each-ref", "--format=%(refname:strip=2)", "refs/tags").decode():
                (organisation / f"{name}.tag").write_text(tag, encoding="ascii")
        service, environments = _Repository(self.home, SERVICE), _Repository(self.home, "environments")
        (self._parts / "service.stream").write_bytes(service.stream("main"))
        stream = environments.stream("main", f"staging/{SERVICE}", onto="refs/heads/main^0")
        (self._parts / "environments.stream").write_bytes(stream)
        shutil.copy(service.hook, self._parts / "hook")
        (root,) = (self.home / "cache/terraform").glob("*/main.tf")
        text = root.read_text(encoding="utf-8").replace('backend "http"', 'backend "local"')
        text = text.replace(self.home.as_uri(), self.floor_home.as_uri())
        (self._parts / "main.tf").write_text(text, encoding="utf-8")
        record = json.loads((_workspace(self.home) / "workspace.json").read_text(encoding="utf-8"))
        (self._parts / "service.tfvars.json").write_text(json.dumps(record["variables"]), encoding="utf-8")

    def _check(self, mode: str, floor_state: Path) -> None:
        ours = _result(self.home, _workspace(self.home))
        floor = _result(self.floor_home, floor_state)
        if different := [what for what in ours if ours[what] != floor[what]]:
            raise RuntimeError(f"floor.sh {mode} and platformctl do not make the same: {', '.join(different)}")


class _Repository:
    """A repository of a home's embedded forge, to be read."""

    def __init__(self, home: Path, name: str) -> None:
        self._folder = home / "forge/local" / f"{name}.git"
        self.hook = self._folder / "hooks/pre-receive"

    def git(self, *arguments: str) -> bytes:
        """What a git command prints."""
        return subprocess.run(["git", f"--git-dir={self._folder}", *arguments], capture_output=True, check=True).stdout

    def stream(self, commit: str, folder: str = "", onto: str = "") -> bytes:
        """A commit, or a folder of one, as git fast-import takes it; it prints the new commit and leaves no ref."""
        date, message = self.git("log", "-1", "--format=%ct%n%B", commit).split(b"\n", 1)
        lines = [
            b"commit refs/draft\nmark :1\n",
            b"committer platformctl <platformctl@localhost> %s +0000\n" % date,
            _data(message.strip() + b"\n"),
            f"from {onto}\n".encode() if onto else b"",
        ]
        with tarfile.open(fileobj=io.BytesIO(self.git("archive", commit, *([folder] if folder else [])))) as archive:
            for member in archive:
                if content := archive.extractfile(member):
                    mode = "100755" if member.mode & 0o100 else "100644"
                    lines.append(f'M {mode} inline "{member.name}"\n'.encode() + _data(content.read()))
        lines.append(b"get-mark :1\nreset refs/draft\nfrom " + b"0" * 40 + b"\n\ndone\n")
        return b"".join(lines)


def _workspace(home: Path) -> Path:
    (record,) = (home / "terraform").rglob(f"{SERVICE}-staging/workspace.json")
    return record.parent


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _result(home: Path, terraform: Path) -> Mapping[str, Any]:
    """What a home holds in the end: by content, not by the time or the run that made it."""
    service, environments = _Repository(home, SERVICE), _Repository(home, "environments")
    state = json.loads((terraform / "terraform.tfstate").read_text(encoding="utf-8"))
    organisation = {
        f"the repository {name}": _Repository(home, name).git("rev-parse", "main^{tree}")
        for name in ("platform-workflows", "platform-modules")
    }
    return {
        "the service's files": service.git("rev-parse", "main^{tree}"),
        "the service's manifests": environments.git("rev-parse", f"main:staging/{SERVICE}"),
        "the protection": (service.hook.read_bytes(), service.hook.stat().st_mode),
        "the settings of git": service.git("config", "--local", "--list"),
        "Terraform's outputs": state["outputs"],
        "Terraform's resources": sorted(f"{found['type']}.{found['name']}" for found in state["resources"]),
        **organisation,
    }
