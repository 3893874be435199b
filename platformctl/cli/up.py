"""Flags of `platformctl up`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import terminal
from platformctl.events import Type

if TYPE_CHECKING:
    from platformctl.commands.session import Session
    from platformctl.commands.up import Heard

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl up payments-api")
def up(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the clone around this folder.")] = "",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The service's port; 0: any free one.")] = 0,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="In the background; `down` ends it.")] = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Run a service on this machine, with its monitoring, and follow its log.

    The service runs by `make run`, from the clone around this folder as it is, or by its name from main. Beside it run
    Prometheus and Alertmanager with its alerts, a pager that stands in for PagerDuty, and Grafana where it is on PATH.
    Ctrl-C, or `platformctl down` from anywhere, ends all of it.
    """
    from platformctl.commands import up as command

    with terminal.opened("up", as_json) as (session, shown):
        subject, standing = command.chosen(session, service)
        if standing is None and detach:
            standing = command.detached(session, subject, port)
        if standing is not None:
            from platformctl.reporters.up_lines import place_lines

            shown.show(place_lines(standing))
            terminal.result(session, as_json, asdict(standing), service=standing.service)
            return
        with command.up(session, subject, port) as happening:
            for heard in happening:
                tell(session, shown, heard, subject.service, as_json=as_json)


def tell(session: Session, shown: terminal.Reporter, heard: Heard, service: str, *, as_json: bool) -> None:
    """Show what happened: the log on standard output, as it is where that is no terminal; all else beside it."""
    from platformctl.commands.up import Logged, Ready
    from platformctl.reporters.up_lines import log_lines, page_line, place_lines

    stream = session.stream(service=service)
    match heard:
        case Ready() if as_json:
            terminal.result(session, True, asdict(heard.standing), service=service)
        case Ready():
            shown.ask(place_lines(heard.standing))
        case Logged() if as_json:
            stream.emit(Type.NOTE, status="log", message=heard.line)
        case Logged() if sys.stdout.isatty():
            shown.show(log_lines(heard.line))
        case Logged():
            typer.echo(heard.line)
        case _ if as_json:
            stream.emit(Type.NOTE, status="page", message=heard.summary, data=asdict(heard))
        case _:
            shown.ask([page_line(heard)])
