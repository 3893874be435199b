"""What Terraform makes of an expression."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest


def evaluate(folder: Path, expression: str) -> Any:
    """The value of an expression in a folder's configuration; base64 on the way: the console prints Go's quotes.

    The console says so in a line before when it has to wait for its lock on the state.
    """
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("neither terraform nor tofu is on PATH")
    done = subprocess.run(
        [program, "console"],
        cwd=folder,
        input=f"base64encode(jsonencode({expression}))",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(b64decode(json.loads(done.stdout.splitlines()[-1])))
