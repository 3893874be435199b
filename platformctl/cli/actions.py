"""Flags of `platformctl actions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.reporters.action_lines import action_detail_lines, action_lines, tried_line, verdict_line

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="Look at actions, and test your own.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The action, as in `uses`.")]


@app.command("list", epilog="Example: platformctl actions list")
def list_(as_json: terminal.AsJson = False) -> None:
    """List the actions that steps can use, with the packages that they come from."""
    from platformctl.commands import actions as command

    with terminal.opened("actions list", as_json) as (session, shown):
        found = command.listed(session)
        shown.show(action_lines(found))
        terminal.result(session, as_json, {"actions": [about.to_json() for about in found]})


@app.command(epilog="Example: platformctl actions show repository")
def show(name: Name, as_json: terminal.AsJson = False) -> None:
    """Show what an action takes and what it gives."""
    from platformctl.commands import actions as command

    with terminal.opened("actions show", as_json) as (session, shown):
        about = command.show(name, session)
        shown.show(action_detail_lines(about))
        data = {**about.to_json(), "inputs": dict(about.inputs), "outputs": dict(about.outputs)}
        terminal.result(session, as_json, data)


@app.command(epilog="Example: platformctl actions test motd")
def test(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="An empty folder to work in, which is kept; a temporary one."),
    ] = None,
    as_json: terminal.AsJson = False,
) -> None:
    """Try an action with the cases that its package brings: every promise of the contract, kept or broken."""
    from platformctl.commands import actions as command

    with terminal.opened("actions test", as_json) as (session, shown):
        tried = []
        for one in command.test(name, folder, session):
            tried.append(one)
            shown.show([tried_line(one)])
        broken = [one for one in tried if one.broken]
        shown.show([verdict_line(name, len(tried), len(broken))])
        rows = [{"promise": one.promise, "kept": not one.broken, "broken": one.broken} for one in tried]
        terminal.result(session, as_json, {"name": name, "promises": rows})
    if broken:
        raise typer.Exit(1)
