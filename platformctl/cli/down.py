"""Flags of `platformctl down`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl down payments-api")
def down(
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="The service; the clone around this folder, or the only one up.")
    ] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """End a service that `up` has started on this machine, in the background or in another terminal."""
    from platformctl.commands import down as command

    with terminal.opened("down", as_json) as (session, shown):
        name, was_up = command.down(service, session)
        shown.show([[("strong", name), ("", " is down" if was_up else " was not up")]])
        terminal.result(session, as_json, {"was_up": was_up}, service=name)
