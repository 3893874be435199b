"""Flags of `platformctl init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import plan_json, report
from platformctl.commands.init import Options
from platformctl.reporters.lines import plan_lines

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Write a commented platform.yaml unless there is one, and prepare the organisation's own repositories.

    Running it again changes nothing, or brings the repositories to what platform.yaml says now.
    """
    from platformctl.commands import init as command

    with terminal.opened("init", as_json) as (session, shown):
        options = Options(organisation, file, forge, api)
        if dry_run:
            written, fresh, plan = command.preview(options, session)
            shown.show([[("", f"{'Would write' if fresh else 'Read'} {written}")], [], *plan_lines(plan)])
            terminal.result(session, as_json, plan_json(plan), service=plan.service)
            return
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        written, fresh, outcome = command.init(options, session, approve)
        shown.show([[("", f"{'Wrote' if fresh else 'Read'} {written}")]])
        if not command.is_used(written, session):
            shown.show([[("change", f"Use it with: export PLATFORMCTL_PLATFORM={written}")]])
        report(session, shown, outcome, as_json)
