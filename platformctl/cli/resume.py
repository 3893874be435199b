"""Flags of `platformctl resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import report

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl resume last")
def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run, the beginning or end of its name, or `last`.")],
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Finish a run that did not end. Running `new` again does the same."""
    from platformctl.commands import resume as command

    with terminal.opened("resume", as_json) as (session, shown):
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        report(session, shown, command.resume(run, session, approve), as_json)
