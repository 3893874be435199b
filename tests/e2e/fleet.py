"""Fleets for tests: one service is made, the others are copies of it under names of the same length.

What is rendered follows from the name, so text with the name replaced is what would have been rendered. Repositories
are written by `git fast-import`; what services share is derived anew by one `doctor --fix`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.e2e.sandbox import World

FIRST: Final = "shop-000"
TEAMS: Final = ("crew-0", "crew-1", "crew-2", "crew-3")
_OWNED: Final = ("grafana", "monitoring", "catalog", "terraform")


def name(number: int) -> str:
    return f"shop-{number:03}"


def team(number: int) -> str:
    return TEAMS[number % len(TEAMS)]


def build(world: World, count: int, *, terraform: bool = True) -> None:
    """A fleet of services `shop-000`, `shop-001`, …, of four teams in turn, as it should be on every plane.

    Without `terraform` the planes `resource` and `monitoring` are not there for all but the first.
    """
    done = world.run("new", "service", FIRST, "--team", TEAMS[0], "--no-input")
    assert done.code == 0, done.err
    forge = world.home / "forge" / "local"
    stream = _git(forge / f"{FIRST}.git", "fast-export", "main")
    for number in range(1, count):
        _repository(forge, stream, number)
        for part in _OWNED if terraform else ("catalog",):
            _files(world.home / part, number)
    if terraform:
        _staged(forge / "environments.git", count)
    _share(world, count, terraform=terraform)


def _replaced(content: bytes, number: int) -> bytes:
    return content.replace(FIRST.encode(), name(number).encode()).replace(TEAMS[0].encode(), team(number).encode())


def _repository(forge: Path, stream: bytes, number: int) -> None:
    new = forge / f"{name(number)}.git"
    shutil.copytree(forge / f"{FIRST}.git", new, ignore=shutil.ignore_patterns("objects", "refs"))
    for folder in ("objects", "refs/heads"):
        (new / folder).mkdir(parents=True)
    record = new / "platformctl.json"
    record.write_bytes(_replaced(record.read_bytes(), number))
    _git(new, "fast-import", "--quiet", stdin=_replaced(stream, number))


def _files(folder: Path, number: int) -> None:
    """Copies of all files that are the first service's, and their marks."""
    for file in [found for found in folder.rglob("*") if FIRST in str(found) and found.is_file()]:
        new = Path(_replaced(str(file).encode(), number).decode())
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(_replaced(file.read_bytes(), number))
        if new.name == "terraform.tfstate":
            _restate(new)
    for mark in [found for found in folder.rglob(".owners/**/*.json") if name(number) in str(found)]:
        data = json.loads(mark.read_text())
        place = Path(*(part for part in mark.parts if part != ".owners"))
        data["sha256"] = hashlib.sha256(place.with_suffix("").read_bytes()).hexdigest()
        mark.write_text(json.dumps(data))


def _restate(place: Path) -> None:
    """Put a Terraform state right, which has digests of manifests in it."""
    state = json.loads(place.read_text())
    given = state["outputs"]["service"]["value"]
    digests = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in sorted(given["manifests"].items())}
    for instance in (one for resource in state["resources"] for one in resource["instances"]):
        for part in ("input", "output"):
            instance["attributes"][part]["value"] = digests[instance["index_key"]]
    listed = "".join(f"{digest}  {file}\n" for file, digest in digests.items())
    given["digest"] = hashlib.sha256(listed.encode()).hexdigest()
    place.write_text(json.dumps(state))


def _staged(repository: Path, count: int) -> None:
    """The folders of all services in the environments repository, in one commit."""
    folder = f"staging/{FIRST}"
    files = {
        path: _git(repository, "show", f"main:{path}")
        for path in _git(repository, "ls-tree", "-r", "--name-only", "main", folder).decode().split()
    }
    _git(repository, "fast-import", "--quiet", "--date-format=now", stdin=b"".join(_commit(files, count)))


def _commit(files: dict[str, bytes], count: int) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter A <a@localhost> now\ndata 5\nmany\n\nfrom refs/heads/main^0\n"
    for number in range(1, count):
        for path, content in files.items():
            place, text = _replaced(path.encode(), number), _replaced(content, number)
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (place, len(text), text)


def _share(world: World, count: int, *, terraform: bool) -> None:
    """What is derived from all services: whoever is missing in it is put there, with all the others."""
    last = name(count - 1)
    planes = ("developer", "monitoring") if terraform else ("developer",)
    done = world.run("doctor", last, "--fix", "--yes", *(f"--plane={plane}" for plane in planes))
    assert done.code == 0, done.err


def _git(repository: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout
