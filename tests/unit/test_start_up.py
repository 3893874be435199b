"""Start-up is a feature: what is loaded for a command, by name, because a set of modules has no noise."""

from __future__ import annotations

import subprocess
import sys

import pytest

SDKS = ("github", "cookiecutter", "jinja2", "jsonschema", "pygit2", "python_terraform", "requests", "slugify")

CASES = {
    "version": (["--version"], ("typer", "yaml", "rich", "dataclasses", *SDKS)),
    "help": (["--help"], ("yaml", "rich", "platformctl.commands", "platformctl.engine", *SDKS)),
    "help of a command": (["new", "--help"], SDKS),
    "help of adopt": (["adopt", "--help"], SDKS),
    "an unknown command": (["nwe"], ("yaml", "rich", "platformctl.engine", *SDKS)),
    "list of runs": (["runs", "list"], ("github", "cookiecutter", "jinja2", "python_terraform", "rich")),
}

PROBE = """
import sys
sys.argv = ["platformctl", *{arguments!r}]
from platformctl.__main__ import main
try:
    main()
except SystemExit:
    pass
print([name for name in {names!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("case", CASES)
def test_a_command_loads_only_what_it_needs(case: str, tmp_path: object) -> None:
    arguments, names = CASES[case]
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=arguments, names=names)],
        capture_output=True,
        text=True,
        check=True,
        env={"PLATFORMCTL_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_completion_loads_no_command() -> None:
    probe = PROBE.format(arguments=[], names=("yaml", "rich", "platformctl.commands", *SDKS))
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        env={"_PLATFORMCTL_COMPLETE": "complete_bash", "COMP_WORDS": "platformctl re", "COMP_CWORD": "1"},
    )
    assert done.stdout.split() == ["resume"]
    assert done.stderr.splitlines()[-1] == "[]"
