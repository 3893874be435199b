"""A fleet on the embedded forge, from one service that was really made: the same with other names of the same length.

What platformctl made is copied, not made up: git's history by `fast-export` and `fast-import`, all else as files. What
all services share is derived by platformctl itself, when the last service is made. That the fleet is right is not taken
on trust: doctor has to find nothing in it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ORIGINAL = "service-00000"
ORGANISATION = "local"
_OWN = ("catalog", "monitoring", "grafana", "terraform")
"""Folders of a home in which services have files of their own."""
_IDENTITY = b"committer platformctl <platformctl@localhost> 1767225600 +0000\n"


def names(number: int) -> list[str]:
    """The names of so many copies."""
    return [f"service-{at:05}" for at in range(1, number + 1)]


def multiply(home: Path, copies: Sequence[str]) -> None:
    """Give a home that has `ORIGINAL` these services too. What all share is not derived yet."""
    forge = home / "forge" / ORGANISATION
    history = _git(forge / f"{ORIGINAL}.git", "fast-export", "main")
    own = [file for folder in _OWN for file in _files(home / folder) if ORIGINAL in file.as_posix()]
    contents = {file: file.read_bytes() for file in own}
    for name in copies:
        _repository(forge, name, history)
        for file, content in contents.items():
            place = Path(file.as_posix().replace(ORIGINAL, name))
            place.parent.mkdir(parents=True, exist_ok=True)
            renamed = _renamed(content, name)
            place.write_bytes(_state(renamed) if file.suffix == ".tfstate" else renamed)
    _environments(forge / "environments.git", copies)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _renamed(content: bytes, name: str) -> bytes:
    return content.replace(ORIGINAL.encode(), name.encode())


def _state(content: bytes) -> bytes:
    """A state of Terraform's, whose resources are known by the digests of the manifests that it gives."""
    state = json.loads(content)
    outputs = state["outputs"]["service"]["value"]
    digests = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in outputs["manifests"].items()}
    listed = "".join(f"{digests[file]}  {file}\n" for file in sorted(digests))
    outputs["digest"] = hashlib.sha256(listed.encode()).hexdigest()
    for resource in state["resources"]:
        for instance in resource["instances"]:
            for field in ("input", "output"):
                instance["attributes"][field]["value"] = digests[instance["index_key"]]
    return json.dumps(state, indent=2).encode()


def _repository(forge: Path, name: str, history: bytes) -> None:
    original, made = forge / f"{ORIGINAL}.git", forge / f"{name}.git"
    shutil.copytree(original, made, ignore=shutil.ignore_patterns("objects", "refs", "*.lock"))
    for folder in ("objects", "refs"):
        (made / folder).mkdir()
    record = made / "platformctl.json"
    record.write_bytes(_renamed(record.read_bytes(), name))
    # Names are equally long, so the lengths within the stream stay right.
    _git(made, "fast-import", "--quiet", stdin=_renamed(history, name))


def _environments(repository: Path, copies: Sequence[str]) -> None:
    """Every copy's folder, in one commit."""
    listed = _git(repository, "ls-tree", "-r", "main", f"staging/{ORIGINAL}/").decode().splitlines()
    rows = [line.split(None, 3) for line in listed]
    files = [(path, _git(repository, "cat-file", "blob", blob)) for _, _, blob, path in rows]
    head = _git(repository, "rev-parse", "main").strip()

    def stream() -> Iterator[bytes]:
        yield b"commit refs/heads/main\n" + _IDENTITY + b"data 4\nmore\nfrom " + head + b"\n"
        for name in copies:
            for path, content in files:
                renamed = _renamed(content, name)
                place = path.replace(ORIGINAL, name).encode()
                yield b"M 100644 inline %s\ndata %d\n%s\n" % (place, len(renamed), renamed)

    _git(repository, "fast-import", "--quiet", stdin=b"".join(stream()))


def _git(repository: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout
