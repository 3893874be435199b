"""Flags of `platformctl apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import report

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl apply payments-api.plan")
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan made by platformctl plan -o.")],
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Carry out a saved plan, exactly; refuse, before anything is written, when the world has changed since."""
    from platformctl.commands import apply as command

    with terminal.opened("apply", as_json) as (session, shown):
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        report(session, shown, command.apply(file, session, approve), as_json)
