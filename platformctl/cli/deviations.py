"""Flags of `platformctl deviations`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.reporters.override_lines import deviation_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl deviations --path service")
def deviations(
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="Only this team's services, by its slug.")] = "",
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="Only services of this golden path.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """See who deviates from which default on purpose, and which defaults should change.

    When as many teams as `deviations.teams` in platform.yaml override the same thing, it says which default would make
    that unnecessary.
    """
    from platformctl.commands import deviations as command

    with terminal.opened("deviations", as_json) as (session, shown):
        found, looked_at = command.deviations(session, team, path)
        shown.show(deviation_lines(found, looked_at))
        terminal.result(session, as_json, {"services": looked_at, "deviations": [one.to_json() for one in found]})
