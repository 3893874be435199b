"""A secret that the environment holds turns up nowhere."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final

from platformctl.errors import Failure
from platformctl.model import Change, Json
from platformctl.testing.case import Broken, ResourceCase
from platformctl.testing.process import Act, forked, watch
from platformctl.testing.stage import FIRST, SECOND, Stage, owned

_PLANTED: Final = "planted-5ec2e7-0f4b"
_ALWAYS: Final = "PLATFORMCTL_PLANTED"
"""Whoever writes the whole environment somewhere writes this too."""


def a_secret_stays_secret(case: ResourceCase, folder: Path) -> None:
    found = forked(lambda: _places(case, folder))
    for place, text in found.items():
        if _PLANTED in text:
            raise Broken(f"the value of an environment variable that a reference names is in {place}")


def _places(case: ResourceCase, folder: Path) -> dict[str, Json]:
    """Create, update, fail and undo with a planted secret; everything that others can read afterwards, by place."""
    for name in (_ALWAYS, *case.secrets):
        os.environ[name] = _PLANTED
    commands: list[str] = []
    watch(lambda deed: commands.append(deed.what) if deed.act is Act.START else None)
    with tempfile.TemporaryFile("w+", dir=folder) as output, redirect_stdout(output), redirect_stderr(output):
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
        stage = Stage(case, folder / "secrecy")
        changes, shown = _lived_through(stage)
        output.flush()
        output.seek(0)
        printed = output.read()
    files = [file.read_bytes() for file in stage.world.rglob("*") if file.is_file()]
    return {
        "a change": json.dumps([change.to_json() for change in changes], default=repr),
        "an event": json.dumps([event.to_json() for event in stage.heard], default=repr),
        "the journal": "".join(file.read_text(encoding="utf-8") for file in stage.runs.iterdir()),
        "outputs, notes or a failure": "\n".join(shown),
        "what it prints": printed,
        "the command line of a program": "\n".join(commands),
        "a file": b"\n".join(files).decode(errors="replace"),
    }


def _lived_through(stage: Stage) -> tuple[list[Change], list[str]]:
    changes: list[Change] = []
    shown: list[str] = []
    for inputs, run in ((stage.case.inputs, FIRST), (stage.case.other, SECOND)):
        if inputs is not None:
            planned = stage.plan(inputs)
            changes += planned.changes
            shown += [repr(planned.outputs), *planned.notes]
            stage.apply(inputs, run)
            shown += _refusals(stage, inputs, changes)
    for run in (SECOND, FIRST):
        with suppress(Broken):  # another promise
            stage.undo(stage.run(run))
    return changes, shown


def _refusals(stage: Stage, inputs: Mapping[str, Any], changes: list[Change]) -> list[str]:
    """What is said when changes are applied that have been applied already."""
    said = []
    action = stage.action()
    for change in changes:
        try:
            action.apply(inputs, owned(change, SECOND))
        except Failure as failure:
            said.append(str(failure))
    return said
