"""Flags of `platformctl path`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.reporters.lines import path_detail_lines, path_lines

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Look at golden paths, and check them."
)


@app.command("list", epilog="Example: platformctl path list")
def list_(as_json: terminal.AsJson = False) -> None:
    """List the golden paths that this platform offers."""
    from platformctl.commands import path as command

    with terminal.opened("path list", as_json) as (session, shown):
        found = command.listed(session)
        shown.show(path_lines(found))
        rows = [
            {
                "name": path.name,
                "versions": list(path.versions),
                "lifecycle": path.lifecycle,
                "owner": path.owner,
            }
            for path in found
        ]
        terminal.result(session, as_json, {"paths": rows})


@app.command(epilog="Example: platformctl path show service")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The golden path.")],
    path_version: Annotated[str, typer.Option("--path-version", metavar="VERSION", help="Not the newest.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Show what a golden path asks and what it makes so."""
    from platformctl.commands import path as command

    with terminal.opened("path show", as_json) as (session, shown):
        found, recipe = command.show(name, path_version, session)
        shown.show(path_detail_lines(found, recipe))
        steps = [{"id": step.id, "uses": step.uses, "plane": step.plane.value} for step in recipe.steps]
        data = {"name": found.name, "version": recipe.version, "inputs": dict(recipe.inputs), "steps": steps}
        terminal.result(session, as_json, data)


@app.command(epilog="Example: platformctl path lint golden_paths/service")
def lint(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A golden path's name, or its folder.")],
    as_json: terminal.AsJson = False,
) -> None:
    """Check a golden path: recipes, references, changelog, descriptions."""
    from platformctl.commands import path as command

    with terminal.opened("path lint", as_json) as (session, shown):
        checked, problems = command.lint(path, session)
        shown.show([("bad", f"{problem.where}: "), ("", problem.what)] for problem in problems)
        if not problems:
            shown.show([[("good", "✓ "), ("", ", ".join(checked))]])
        rows = [{"where": problem.where, "what": problem.what} for problem in problems]
        terminal.result(session, as_json, {"checked": checked, "problems": rows})
    if problems:
        raise typer.Exit(1)
