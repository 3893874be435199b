"""The Terraform modules hold by their own tests, with whichever program is there, without a provider or a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = Path(__file__).parents[2] / "golden_paths" / "modules"
NAMES = sorted(folder.name for folder in MODULES.iterdir() if folder.is_dir())
CALLED = [name for name in NAMES if name != "base"]
"""Those that golden paths call; `base` is what they have in common."""


@pytest.fixture(scope="module")
def program() -> str:
    """Terraform, or OpenTofu where that is missing."""
    found = shutil.which("terraform") or shutil.which("tofu")
    if found is None:
        pytest.skip("neither terraform nor tofu is on PATH")
    return found


def terraform(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with nothing of the user's own settings for Terraform."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("TF_")} | {"CHECKPOINT_DISABLE": "1"}
    command = [program, *arguments, "-no-color"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def module(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy with its neighbours, so that nothing is left in the repository."""
    copy = tmp_path / "modules"
    shutil.copytree(MODULES, copy, ignore=shutil.ignore_patterns(".terraform*"))
    return copy / str(request.param)


@pytest.mark.parametrize("module", NAMES, indirect=True)
def test_the_modules_own_tests_pass(program: str, module: Path) -> None:
    assert list(module.glob("tests/*.tftest.hcl")), "a module without tests"
    init = terraform(program, module, "init", "-backend=false", "-input=false")
    assert init.returncode == 0, init.stdout + init.stderr
    tested = terraform(program, module, "test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"^Success! [1-9]\d* passed, 0 failed", tested.stdout, re.MULTILINE), tested.stdout


@pytest.mark.parametrize("module", NAMES, indirect=True)
def test_it_is_formatted(program: str, module: Path) -> None:
    done = terraform(program, module, "fmt", "-check", "-diff", "-recursive")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", CALLED)
def test_people_give_four_variables_and_no_more(name: str) -> None:
    """What else the module needs to know is the organisation's, and comes with the module."""
    text = (MODULES / name / "variables.tf").read_text(encoding="utf-8")
    found = [line.split('"')[1] for line in text.splitlines() if line.startswith("variable ")]
    assert found == ["name", "team", "environment", "tier"]
    others = [file.name for file in (MODULES / name).glob("*.tf") if 'variable "' in file.read_text(encoding="utf-8")]
    assert others == ["variables.tf"]


def test_they_ask_for_the_same() -> None:
    """Terraform has no way to declare variables once; the recipes' step `infrastructure` relies on them."""
    assert len(CALLED) > 1
    assert len({(MODULES / name / "variables.tf").read_text(encoding="utf-8") for name in CALLED}) == 1
