"""Flags of `platformctl configure`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import plan_json, report
from platformctl.commands.configure import Options
from platformctl.errors import BadInput
from platformctl.reporters.lines import plan_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl configure payments-api --set tier=high-availability")
def configure(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the one around this folder.")] = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A new answer; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Change a service's answers, and with them whatever follows from them.

    Files that the team may edit are merged; a conflict is named, and nothing is written.
    """
    from platformctl.commands import configure as command

    if not setting:
        raise BadInput("nothing to change", hint="Give a new answer with --set KEY=VALUE")
    options = Options(service, setting)
    with terminal.opened("configure", as_json) as (session, shown):
        if dry_run:
            plan, _ = command.preview(options, session)
            shown.show(plan_lines(plan))
            terminal.result(session, as_json, plan_json(plan), service=plan.service)
            return
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        report(session, shown, command.configure(options, session, approve), as_json)
