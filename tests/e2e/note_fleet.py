"""Fleets on the golden path `note`: one service is made, the others are copies of it under names of the same length.

A service of this path is a repository and nothing else, and what is rendered follows from its name and its team.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from tests.conftest import Cli
from tests.e2e import note_path

FIRST: Final = "note-aa"
TEAMS: Final = ("crew-a", "crew-b", "crew-c")
HEAD: Final = "platformctl/upgrade_files_"
_WHO: Final = ("-c", "user.name=Team", "-c", "user.email=team@localhost")


def name(number: int) -> str:
    """`note-aa`, `note-ab`, …: the path takes no digits."""
    return f"note-{chr(97 + number // 26)}{chr(97 + number % 26)}"


def team(number: int) -> str:
    return TEAMS[number % len(TEAMS)]


class Fleet:
    """Services on `note` 1.0.0, of three teams in turn, and platformctl."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.path = cli.cwd / "paths" / "note"
        self.platform = cli.cwd / "platform.yaml"
        self.forge = cli.home / "forge" / "local"
        cli.env |= {"PLATFORMCTL_PLATFORM": str(self.platform)}

    @classmethod
    def made(cls, cli: Cli, count: int, *versions: str, **platform: Any) -> Fleet:
        """So many of them, while these versions are there too."""
        fleet = cls(cli)
        note_path.write(cli.cwd / "paths", "1.0.0")
        fleet.configure(**platform)
        cli.run("init", "--yes")
        cli.run("new", "note", FIRST, "--team", TEAMS[0], "--yes")
        stream = fleet.git(FIRST, "fast-export", "main")
        for number in range(1, count):
            fleet._copy(number, stream)
        for version in versions:
            note_path.put(fleet.path, version)
        return fleet

    def configure(self, automerge: tuple[str, ...] = (), **campaigns: Any) -> None:
        """Write platform.yaml: whose proposals are merged, and settings of campaigns."""
        teams = [{"slug": slug, "automerge": slug in automerge} for slug in TEAMS]
        about = {"schema": 1, "organisation": "local", "golden_paths": ["paths"], "teams": teams}
        self.platform.write_text(yaml.safe_dump({**about, "campaigns": campaigns}))

    def _copy(self, number: int, stream: bytes) -> None:
        def renamed(content: bytes) -> bytes:
            return content.replace(FIRST.encode(), name(number).encode()).replace(
                TEAMS[0].encode(), team(number).encode()
            )

        new = self.forge / f"{name(number)}.git"
        shutil.copytree(self.forge / f"{FIRST}.git", new, ignore=shutil.ignore_patterns("objects", "refs"))
        for folder in ("objects", "refs/heads"):
            (new / folder).mkdir(parents=True)
        record = new / "platformctl.json"
        record.write_bytes(renamed(record.read_bytes()))
        self.git(name(number), "fast-import", "--quiet", stdin=renamed(stream))

    def git(self, service: str, *arguments: str, stdin: bytes = b"") -> bytes:
        """Work on a repository behind platformctl's back."""
        command = ["git", *_WHO, f"--git-dir={self.forge / service}.git", *arguments]
        return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout

    def edits(self, service: str, path: str, change: Callable[[str], str], branch: str = "main") -> None:
        """A team's work, in one commit."""
        text = change(self.git(service, "show", f"{branch}:{path}").decode())
        ref, content = f"refs/heads/{branch}", text.encode()
        lines = f"commit {ref}\ncommitter Team <team@localhost> now\ndata 4\nwork\nfrom {ref}^0\n"
        stream = lines.encode() + b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
        self.git(service, "fast-import", "--quiet", "--date-format=now", stdin=stream)

    def conflicts(self, service: str) -> None:
        """The team has changed a line that 1.1.0 changes too."""
        self.edits(service, "app.py", lambda text: text.replace("line 2\n", "line zwei\n"))

    def merges(self, service: str) -> None:
        """Somebody with the disk merges what is proposed."""
        head = self.git(service, "rev-parse", f"{HEAD}{service}").decode().strip()
        self.git(service, "update-ref", "refs/heads/main", head)

    def declines(self, service: str) -> None:
        """The team closes what is proposed, by removing its branch."""
        self.git(service, "update-ref", "-d", f"refs/heads/{HEAD}{service}")

    def version(self, service: str) -> str:
        """What the record on main says."""
        record: dict[str, Any] = yaml.safe_load(self.git(service, "show", "main:.platformctl.yaml"))
        return str(record["version"])

    def proposals(self, service: str) -> int:
        """How many commits platformctl has made that a proposal leads to."""
        refs = self.git(service, "for-each-ref", "--format=%(refname)").decode().split()
        return sum(ref.startswith(f"refs/heads/{HEAD}") for ref in refs)

    def states(self) -> dict[str, str]:
        """How every service stands in the last campaign."""
        found = self.cli.result("campaign", "status")
        return {one["service"]: one["state"] for one in found["services"]}

    def _merged(self, service: str) -> list[str]:
        """The branches that are in main; none where that is damaged."""
        try:
            return self.git(service, "branch", "--merged", "main", "--format=%(refname)").decode().split()
        except subprocess.CalledProcessError:
            return []

    def world(self) -> dict[str, Any]:
        """Every repository by its branches' trees and its settings, without runs and times."""
        found = {}
        for folder in sorted(self.forge.glob("note-*.git")):
            service = folder.name.removesuffix(".git")
            merged = self._merged(service)
            listed = self.git(service, "for-each-ref", "--format=%(refname) %(tree)").decode().splitlines()
            # A kill may leave the branch of what was merged, which is nothing any more.
            refs = [line for line in listed if line.split()[0] not in merged or "/main " in line]
            meta = json.loads((folder / "platformctl.json").read_text())
            meta.pop("owner")
            for head, proposal in meta.pop("proposals", {}).items():
                if any(line.startswith(f"refs/heads/{head} ") for line in refs):
                    meta[head] = {**proposal, "body": proposal["body"].partition("Platformctl-Run")[0]}
            found[service] = {"refs": refs, "meta": meta}
        return found


def events(cli: Cli, campaign: str) -> list[dict[str, Any]]:
    """A campaign's journal."""
    return [json.loads(line) for line in Path(cli.home, "campaigns", f"{campaign}.ndjson").read_text().splitlines()]
