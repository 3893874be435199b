"""Reports of `doctor`: in which format, and where they go."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from platformctl.commands.diagnosis import Diagnosis
from platformctl.errors import BadInput
from platformctl.home import write_out
from platformctl.reporters.formats import DIFFS, ENDINGS, Format, written
from platformctl.reporters.lines import Line

FormatOption = Annotated[
    Format,
    typer.Option("--format", metavar="FORMAT", help="Show lines (table), or a report: sarif, junit, markdown or html."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report here; the lines are shown too.")
]
ByTeamOption = Annotated[
    Path | None,
    typer.Option(
        "--by-team",
        metavar="FOLDER",
        help="With --all: write a report into this new folder for each team that has to do something, as TEAM.ENDING.",
    ),
]

_TEAM: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
NOBODY: Final = "_"
"""The file of services whose team is not known; no team is called so."""


@dataclass(frozen=True)
class Reports:
    """What was asked for."""

    format: Format = Format.TABLE
    output: Path | None = None
    by_team: Path | None = None

    @property
    def asked(self) -> bool:
        """Whether there is a report to be written."""
        return self.format is not Format.TABLE

    @property
    def diffs(self) -> bool:
        """Whether a report shows what a fix does to a text."""
        return self.format in DIFFS

    @property
    def shown(self) -> bool:
        """Whether a report takes the place of the lines."""
        return self.asked and self.output is None and self.by_team is None

    def check(self, *, as_json: bool, every: bool) -> None:
        """Raise `BadInput` for what does not go together or cannot be written, before anything is looked at."""
        if not self.asked and (self.output or self.by_team):
            raise BadInput("which format?", hint=f"Give --format {'|'.join(ENDINGS)}")
        if self.shown and as_json:
            raise BadInput("--json and a report cannot both go to standard output", hint="Give --output FILE")
        if self.by_team and not every:
            raise BadInput("--by-team is for many services", hint="Give --all")
        if self.output and not self.output.absolute().parent.is_dir():
            raise BadInput(f"there is no folder {self.output.absolute().parent}", hint="Make it first")
        if self.by_team and self.by_team.exists() and not (self.by_team.is_dir() and not any(self.by_team.iterdir())):
            raise BadInput("it is not an empty folder", where=str(self.by_team), hint="Name one that is not there")

    def write(self, diagnoses: Sequence[Diagnosis], seconds: float) -> list[Line]:
        """Write what was asked for; gives what to say of files."""
        if self.shown:
            sys.stdout.write(written(self.format, diagnoses, seconds))
        files: list[Path] = []
        if self.asked and self.output is not None:
            write_out(self.output, written(self.format, diagnoses, seconds).encode())
            files.append(self.output)
        if self.by_team is not None:
            files += self._write_by_team(self.by_team, diagnoses, seconds)
        return [[("quiet", f"Wrote {file}")] for file in files]

    def _write_by_team(self, folder: Path, diagnoses: Sequence[Diagnosis], seconds: float) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        teams: dict[str, list[Diagnosis]] = {}
        for one in diagnoses:
            teams.setdefault(one.team if _TEAM.fullmatch(one.team) else NOBODY, []).append(one)
        files = []
        for team, theirs in sorted(teams.items()):
            if any(one.drift or one.unreadable for one in theirs):
                file = folder / f"{team}{ENDINGS[self.format]}"
                write_out(file, written(self.format, theirs, seconds).encode())
                files.append(file)
        return files
