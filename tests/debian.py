"""Programs that tests need: from PATH, else from Debian's packages, unpacked into `.tools/` and not installed.

    promtool = tool("promtool")

Nothing is skipped when a program cannot be had: the test fails and says how to get it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from platformctl.locks import held

CACHE: Final = Path(__file__).parents[1] / ".tools" / "debian"
PACKAGES: Final = {
    "amtool": "prometheus-alertmanager",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "promtool": "prometheus",
}
"""Which package has a program in its `usr/bin`."""
_MOVED: Final = {b"/usr/share/prometheus/": b"usr//share/prometheus/"}
"""Debian's Alertmanager has no templates of its own and looks for them in /usr/share; what is unpacked here looks below
the folder that it is started in, `program.parents[2]`."""
_PATIENCE: Final = 300.0
"""Seconds that one worker of pytest waits while another fetches."""


def tool(name: str) -> Path:
    """A program by its name. Fails the test when it is neither on PATH nor to be fetched."""
    if found := shutil.which(name):
        return Path(found)
    program = unpacked(PACKAGES[name]) / "usr" / "bin" / name
    if not program.is_file():
        pytest.fail(f"Debian's package {PACKAGES[name]} has no {name}: put one on PATH", pytrace=False)
    return program


def unpacked(*packages: str) -> Path:
    """The folder in which these packages are unpacked together, as they would lie below `/`; fetched once."""
    root = CACHE / "+".join(packages)
    if root.is_dir():
        return root
    CACHE.mkdir(parents=True, exist_ok=True)
    with held(CACHE / "lock", f"fetching {' '.join(packages)}", timeout=_PATIENCE):
        if root.is_dir():
            return root
        draft = root.with_name(f".{root.name}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        _run("apt-get", "download", *packages, cwd=draft)
        for archive in sorted(draft.glob("*.deb")):
            _run("dpkg", "-x", archive.name, ".", cwd=draft)
            archive.unlink()
        for program in draft.glob("usr/bin/prometheus*"):
            _move(program)
        draft.rename(root)
    return root


def _move(program: Path) -> None:
    content = program.read_bytes()
    for there, here in _MOVED.items():
        content = content.replace(there, here)
    program.write_bytes(content)


def _run(*command: str, cwd: Path) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.fail(f"{command[0]} is not here: install what {command[-1]} packs and put it on PATH", pytrace=False)
    if done.returncode:
        said = " ".join(done.stderr.split())
        hint = "try apt-get update, or put the program on PATH"
        pytest.fail(f"{' '.join(command)} failed; {hint}: {said}", pytrace=False)
