"""Flags of `platformctl undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.errors import BadInput
from platformctl.journal import Run
from platformctl.reporters.lines import undo_question_lines, undoing_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl undo last")
def undo(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run, the beginning or end of its name, or `last`.")],
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Take back what a run did, where the world still is as the run left it.

    What has moved since is named and left alone; the exit code is then 1.
    """
    from platformctl.commands import undo as command

    with terminal.opened("undo", as_json) as (session, shown):

        def approve(found: Run) -> bool:
            if yes:
                return True
            shown.ask(undo_question_lines(found))
            if no_input or as_json or not terminal.is_terminal():
                raise BadInput("undo asks first", hint="Approve it with --yes")
            return terminal.confirmed("Take this back?", default=False)

        undoing = command.undo(run, session, approve)
        if undoing is None:
            typer.echo("Nothing was changed.", err=True)
            raise typer.Exit(1)
        shown.show(undoing_lines(undoing))
        data = {
            "undone": [change.address for change in undoing.undone],
            "left": {change.address: why for change, why in undoing.left},
        }
        terminal.result(session, as_json, data, service=undoing.run.service, run=undoing.run.id)
    if undoing.left:
        raise typer.Exit(1)
