"""Flags of `platformctl catalog`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.errors import BadInput
from platformctl.reporters.catalog_lines import (
    component_detail_lines,
    component_lines,
    graph_lines,
    service_graph_lines,
)

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="See what there is, who owns it and what depends on it.",
)


@app.command("list", epilog="Example: platformctl catalog list --team payments")
def list_(
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="Only this team's, by its slug.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """List what is in the catalog."""
    from platformctl.commands import catalog as command

    with terminal.opened("catalog list", as_json) as (session, shown):
        found = command.listed(session, team)
        shown.show(component_lines(found, team))
        terminal.result(session, as_json, {"components": [component.to_json() for component in found]})


@app.command(epilog="Example: platformctl catalog show payments-api")
def show(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service.")],
    as_json: terminal.AsJson = False,
) -> None:
    """Show one service: whose it is and what depends on it."""
    from platformctl.commands import catalog as command

    with terminal.opened("catalog show", as_json) as (session, shown):
        found, dependencies = command.show(service, session)
        shown.show(component_detail_lines(found, dependencies))
        data = {**found.to_json(), "depended_on_by": list(dependencies.dependents[found.name])}
        terminal.result(session, as_json, data, service=found.name)


@app.command(epilog="Example: platformctl catalog graph payments-api --format mermaid")
def graph(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service that is down; every one.")] = "",
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="tree, mermaid, dot (for Graphviz) or json.")
    ] = "tree",
    as_json: terminal.AsJson = False,
) -> None:
    """Show who depends on whom, and what breaks when a service is down.

    Services that are depended on and are not in the catalog are named, and so are those that depend on one another.
    """
    from platformctl.commands import catalog as command
    from platformctl.reporters.diagrams import DIAGRAMS, diagram_lines

    if format_ not in ("tree", *DIAGRAMS):
        raise BadInput(f"--format: {format_!r} is not one of tree, {', '.join(DIAGRAMS)}")
    with terminal.opened("catalog graph", as_json) as (session, shown):
        components, dependencies = command.graph(service, session)
        if format_ != "tree":
            shown.show(diagram_lines(format_, service, components, dependencies))
        else:
            shown.show(service_graph_lines(service, dependencies) if service else graph_lines(dependencies))
        terminal.result(session, as_json, dependencies.to_json(), service=service)
