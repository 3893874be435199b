"""Flags of `platformctl init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import report
from platformctl.commands.init import Options

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl init --organisation northwind")
def init(
    organisation: Annotated[
        str,
        typer.Option("--organisation", "--org", metavar="NAME", help="The organisation's name on the forge; local."),
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Where platform.yaml goes; the home folder.")
    ] = None,
    forge: Annotated[
        str, typer.Option("--forge", metavar="KIND", help="Where repositories live: local or github; local.")
    ] = "",
    api: Annotated[
        str, typer.Option("--api", metavar="URL", help="GitHub's API, for an Enterprise Server; that of github.com.")
    ] = "",
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Write a commented platform.yaml unless there is one, and prepare the organisation's own repositories.

    Running it again changes nothing, or brings the repositories to what platform.yaml says now.
    """
    from platformctl.commands import init as command

    with terminal.opened("init", as_json) as (session, shown):
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        written, fresh, outcome = command.init(Options(organisation, file, forge, api), session, approve)
        shown.show([[("", f"{'Wrote' if fresh else 'Read'} {written}")]])
        if session.wiring.config.source != written and written.parent != session.home.path.resolve():
            shown.show([[("change", f"Use it with: export PLATFORMCTL_PLATFORM={written}")]])
        report(session, shown, outcome, as_json)
