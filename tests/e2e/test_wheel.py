"""The wheel carries the golden paths: built, installed in a fresh environment, it does the main job."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import Cli

ROOT = Path(__file__).parents[2]


def test_the_wheel_works_by_itself(cli: Cli, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT], check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "platformctl/_golden_paths/service/1.0.0/recipe.yaml" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/")) or "__pycache__" in name]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    program = tmp_path / "venv" / "bin"
    pip = [program / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    new = [program / "platformctl", "new", "service", "payments-api", "--team", "payments"]
    done = subprocess.run(new, env=cli.environment(), cwd=cli.cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cli.run("doctor", "payments-api")
