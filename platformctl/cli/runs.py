"""Flags of `platformctl runs`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.reporters.lines import run_detail_lines, run_lines

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="Look at past runs.",
)


@app.command("list", epilog="Example: platformctl runs list --service payments-api")
def list_(
    service: Annotated[str, typer.Option("--service", metavar="SERVICE", help="Only this service's.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    as_json: terminal.AsJson = False,
) -> None:
    """List runs, the newest first."""
    from platformctl.commands import runs as command

    with terminal.opened("runs list", as_json) as (session, shown):
        found = command.listed(session, service, limit)
        shown.show(run_lines(found))
        rows = [{"run": run.id, "service": run.service, "command": run.command, "status": run.status} for run in found]
        terminal.result(session, as_json, {"runs": rows})


@app.command(epilog="Example: platformctl runs show last")
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run, the beginning or end of its name, or `last`.")],
    as_json: terminal.AsJson = False,
) -> None:
    """Show one run, change by change."""
    from platformctl.commands import runs as command

    with terminal.opened("runs show", as_json) as (session, shown):
        found = command.show(run, session)
        shown.show(run_detail_lines(found))
        data = {"status": found.status, "events": [event.to_json() for event in found.events]}
        terminal.result(session, as_json, data, service=found.service, run=found.id)
