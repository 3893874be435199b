"""Flags of `platformctl prove`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.reporters.proof_lines import proof_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl prove payments-api --report proof.html")
def prove(
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="The service, as it is on main; the clone around this folder.")
    ] = "",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a page with everything that was seen.")
    ] = None,
    as_json: terminal.AsJson = False,
) -> None:
    """Show that a service is observable, by running it and breaking it.

    Runs it on this machine with a real Prometheus and Alertmanager on the rules and the routing that stand for it,
    gives it events, makes some fail, and checks that the page fires, arrives and resolves, and that dashboard, logs
    and traces show it. Nobody's pager is reached. Exits with 1 when something does not hold.
    """
    from platformctl.commands import prove as command

    with terminal.opened("prove", as_json) as (session, shown):
        proof = command.prove(service, session, report)
        shown.show(proof_lines(proof))
        terminal.result(session, as_json, proof.evidence.to_json(), service=proof.evidence.service, run=proof.run)
    if not proof.evidence.proven:
        raise typer.Exit(1)
