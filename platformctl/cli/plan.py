"""Flags of `platformctl plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.inputs import WithInputs, settings_of
from platformctl.cli.new import (
    AllowWithdrawn,
    AnswersOption,
    NameArgument,
    PathArgument,
    Setting,
    Team,
    Version,
    plan_json,
)
from platformctl.commands.new import Options
from platformctl.reporters.lines import plan_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(
    cls=WithInputs,
    epilog="Example: platformctl plan service payments-api --team payments -o payments-api.plan",
)
def plan(
    path: PathArgument,
    name: NameArgument = "",
    team: Team = "",
    setting: Setting = None,
    answers: AnswersOption = None,
    path_version: Version = "",
    allow_withdrawn: AllowWithdrawn = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Save the plan for `apply`.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when something would change.")] = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Show, or save, what `new` would do. Writes nothing else."""
    from platformctl.commands import new as command
    from platformctl.commands.apply import save

    options = Options(path, name, path_version, settings_of(team, setting), answers, allow_withdrawn=allow_withdrawn)
    with terminal.opened("plan", as_json) as (session, shown):
        made, _ = command.plan(options, session, terminal.asker(no_input or as_json))
        shown.show(plan_lines(made))
        terminal.result(session, as_json, plan_json(made), service=made.service)
        if out is not None:
            save(made, out)
            shown.show([[("", f"Saved. Carry it out with: platformctl apply {out}")]])
    if exit_code and made.pending:
        raise typer.Exit(3)
