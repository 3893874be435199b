"""The home folder: the embedded platform's forge, Terraform's state, monitoring, catalog, runs and locks.

version             the format of this folder
platform.yaml       the organisation, when `platformctl init` has written it
forge/ORG/NAME.git  the embedded forge
terraform/ORG/NAME-ENV/ state and workspace records
grafana/ORG/        dashboards, and the file that tells Grafana of them
monitoring/ORG/     rules for Prometheus, and Alertmanager's configuration with the fragments that it is made of
catalog/ORG/        entities, and the list of them
runs/ID.ndjson      journals
campaigns/ID.ndjson journals of campaigns, once there is one
locks/              who is at work
cache/              may be deleted at any time
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from platformctl.errors import BadConfig
from platformctl.locks import held

FORMAT: Final = 1

_PATIENCE: Final = 10.0
"""Seconds to wait for another process that is preparing the same folder."""


class Home:
    """Where this user's platformctl keeps what it must not lose. Looking at it writes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_environment(cls) -> Home:
        """`PLATFORMCTL_HOME`, else the user's data folder."""
        if given := os.environ.get("PLATFORMCTL_HOME"):
            return cls(Path(given).expanduser().absolute())
        from platformdirs import user_data_path

        return cls(user_data_path("platformctl"))

    @property
    def runs(self) -> Path:
        """Journals."""
        return self.path / "runs"

    @property
    def campaigns(self) -> Path:
        """Journals of campaigns."""
        return self.path / "campaigns"

    @property
    def locks(self) -> Path:
        """Who is at work."""
        return self.path / "locks"

    def check(self) -> None:
        """Raise `BadConfig` when a newer platformctl has written here."""
        file = self.path / "version"
        try:
            found = int(file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return
        except (ValueError, NotADirectoryError):
            raise BadConfig(
                "this is not a platformctl home folder",
                where=str(file),
                hint="Choose another with PLATFORMCTL_HOME",
            ) from None
        if found > FORMAT:
            raise BadConfig(
                f"written by a newer platformctl (format {found}, this one knows {FORMAT})",
                where=str(self.path),
                hint="Upgrade platformctl, or choose another folder with PLATFORMCTL_HOME",
            )

    def prepare(self) -> None:
        """Make the folder usable; raises OSError when it cannot be written."""
        self.check()
        for folder in (self.path, self.runs, self.locks):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(_cores()):
            (self.locks / f"slot-{number}").touch(mode=0o600)
        if not (self.path / "version").exists():
            with held(self.locks / "home", "a first use of the home folder", timeout=_PATIENCE):
                write_atomically(self.path / "version", f"{FORMAT}\n".encode())


def _cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_atomically(file: Path, content: bytes) -> None:
    """Replace a file so that a kill or a power cut leaves the old one or the new one, whole.

    One writer at a time. The draft has a fixed name, so that a killed writer's is the next one's.
    """
    draft = file.with_name(f".{file.name}.draft")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def write_out(file: Path, content: bytes) -> None:
    """Write what a person has asked for where he has asked for it; a device or a pipe is written to, not replaced."""
    if file.exists() and not file.is_file():
        file.write_bytes(content)
    else:
        write_atomically(file.resolve(), content)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
