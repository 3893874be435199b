"""Flags of `platformctl path`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.errors import BadInput
from platformctl.reporters.lines import path_detail_lines, path_lines
from platformctl.reporters.path_new_lines import begun_lines

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Look at golden paths, check them, and begin new ones.",
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


@app.command(epilog="Example: platformctl path new library --owner platform --title 'A Python library'")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people will type: platformctl new NAME.")],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="One line: what it gives, for whom.")] = "",
    owner: Annotated[str, typer.Option("--owner", metavar="TEAM", help="The team that answers for it.")] = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="DIR", help="Where golden paths are; the platform's, else the working folder."
        ),
    ] = None,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Begin a golden path: a small one that works, with its test, to be changed into what you need."""
    from platformctl.commands import path_new as command

    with terminal.opened("path new", as_json) as (session, shown):
        ask = terminal.is_terminal() and not (no_input or as_json)
        title = title or _asked("title", "What does it give, and for whom?", ask)
        owner = owner or _asked("owner", "Which team answers for it?", ask)
        begun = command.new(command.Options(name, title, owner, folder), session)
        shown.show(begun_lines(begun))
        data = {"folder": str(begun.folder), "files": list(begun.files), "offered": begun.offered}
        terminal.result(session, as_json, data)


def _asked(field: str, question: str, ask: bool) -> str:
    from platformctl.commands.path_new import reject

    if not ask:
        raise BadInput(f"{field} is missing", hint=f"Give it with --{field}")
    while True:
        answer: str = typer.prompt(question, err=True).strip()
        if not (why := reject(field, answer)):
            return answer
        typer.echo(f"  {why}", err=True)
