"""Flags of `platformctl runs`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.events import Type
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


@app.command(epilog="Example: platformctl runs stats --since 30d")
def stats(
    service: Annotated[str, typer.Option("--service", metavar="SERVICE", help="Only this service's.")] = "",
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="Only those on this golden path.")] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="Only those begun in so many days (30d), or since a date.")
    ] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Show how often runs succeed, how long they and their steps take, and how soon services are proven.

    The success rate is the part that was done or proposed of all attempts that were, or that failed for a cause in the
    recipe, the platform or a third party. What the user can mend, has stopped or has killed does not count. A run that
    was resumed has several attempts.
    """
    from platformctl.commands import run_stats as command
    from platformctl.reporters.run_stats_lines import run_stats_lines

    with terminal.opened("runs stats", as_json) as (session, shown):
        found = command.stats(command.Options(service, path, since), session)
        if count := len(found.damaged):
            what = f"left out: {count} damaged, the first at {found.damaged[0]}"
            session.stream().emit(Type.NOTE, message=what)
        shown.show(run_stats_lines(found))
        terminal.result(session, as_json, found.to_json())
