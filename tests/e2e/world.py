"""The world that platformctl works on, as data that two runs can be compared by."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_NAMING_HOME: Final = ("catalog-info.yaml",)
_PARTS: Final = ("grafana", "monitoring", "catalog")


def snapshot(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """Every file below a folder with its time of change and its digest; `without` are leading parts to leave out."""
    found = {}
    for file in sorted(folder.rglob("*")) if folder.exists() else ():
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not name.startswith(without):
            found[name] = (file.stat().st_mtime_ns, hashlib.sha256(file.read_bytes()).hexdigest())
    return found


def state(home: Path) -> dict[str, Any]:
    """What there is: repositories with their trees, settings and hooks, Terraform's states, and every file of the
    monitoring plane and the catalog, with whose it is.

    Without times, runs and the home folder's own path, so that two homes can be compared.
    """
    forge = home / "forge" / "local"
    found = {
        "repositories": {path.name: _repository(path) for path in sorted(forge.glob("*"))},
        "terraform": {path.name: _terraform(path) for path in sorted((home / "terraform").glob("*/*"))},
        "files": {name: content for part in _PARTS for name, content in _files(home, part)},
    }
    same: dict[str, Any] = json.loads(json.dumps(found).replace(str(home), "HOME"))
    return same


def _files(home: Path, part: str) -> Iterator[tuple[str, Any]]:
    for file in sorted((home / part).rglob("*")):
        if file.is_file():
            text = file.read_text()
            owner = ".owners" in file.parts
            yield file.relative_to(home).as_posix(), json.loads(text)["service"] if owner else text


def _repository(path: Path) -> dict[str, Any]:
    names = _git(path, "for-each-ref", "--format=%(refname)").split()
    refs = {name: _tree(path, name) for name in names}
    meta = json.loads((path / "platformctl.json").read_text())
    meta["owner"].pop("run")
    hook = path / "hooks" / "pre-receive"
    return {"refs": refs, "meta": meta, "hook": hook.read_text() if hook.exists() else None}


def _tree(path: Path, ref: str) -> list[str]:
    """Every file of a commit by its blob, but those that name the home folder by their text."""
    entries = [entry.partition("\t") for entry in _git(path, "ls-tree", "-r", ref).splitlines()]
    return [
        _git(path, "show", f"{ref}:{name}") if name in _NAMING_HOME else f"{about} {name}" for about, _, name in entries
    ]


def _terraform(path: Path) -> dict[str, Any]:
    record = json.loads((path / "workspace.json").read_text())
    record["owner"].pop("run")
    stored = json.loads((path / "terraform.tfstate").read_text())
    resources = sorted(
        f"{item['module']}.{item['type']}.{item['name']}[{instance['index_key']}]={instance['attributes']['input']}"
        for item in stored["resources"]
        for instance in item["instances"]
    )
    rest = sorted(file.name for file in path.iterdir())
    return {"record": record, "outputs": stored["outputs"], "resources": resources, "files": rest}


def _git(path: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={path}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
