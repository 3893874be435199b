"""Flags of `platformctl path`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.errors import BadInput
from platformctl.reporters.path_new_lines import begun_lines

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Look at golden paths; begin, check, compare, test and release them.",
)


Target = Annotated[str, typer.Argument(metavar="PATH", help="A golden path's name, or its folder.")]


@app.command("list", epilog="Example: platformctl path list")
def list_(as_json: terminal.AsJson = False) -> None:
    """List the golden paths that this platform offers."""
    from platformctl.commands import path as command
    from platformctl.reporters.path_lines import path_lines

    with terminal.opened("path list", as_json) as (session, shown):
        found = command.listed(session)
        shown.show(path_lines(found, session.today))
        terminal.result(session, as_json, {"paths": [command.summary(path, session.today) for path in found]})


@app.command(epilog="Example: platformctl path show service")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The golden path.")],
    path_version: Annotated[str, typer.Option("--path-version", metavar="VERSION", help="Not the newest.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Show what a golden path asks and what it makes so, what goes and what is planned."""
    from platformctl.commands import path as command
    from platformctl.reporters.path_lines import path_detail_lines

    with terminal.opened("path show", as_json) as (session, shown):
        found, recipe = command.show(name, path_version, session)
        shown.show(path_detail_lines(found, recipe, session.today))
        steps = [{"id": step.id, "uses": step.uses, "plane": step.plane.value} for step in recipe.steps]
        about = command.summary(found, session.today)
        data = {**about, "version": recipe.version, "inputs": dict(recipe.inputs), "steps": steps}
        terminal.result(session, as_json, data)


@app.command(epilog="Example: platformctl path lint golden_paths/service")
def lint(path: Target, as_json: terminal.AsJson = False) -> None:
    """Check a golden path: recipes, references, migrations, changelog, what was released and what is announced."""
    from platformctl.commands import path_lint as command
    from platformctl.reporters.path_lines import problem_lines

    with terminal.opened("path lint", as_json) as (session, shown):
        checked, problems = command.lint(path, session)
        shown.show(problem_lines(checked, problems))
        rows = [{"where": problem.where, "what": problem.what} for problem in problems]
        terminal.result(session, as_json, {"checked": checked, "problems": rows})
    if problems:
        raise typer.Exit(1)


@app.command(epilog="Example: platformctl path diff service 1.0.0 1.1.0")
def diff(
    path: Target,
    before: Annotated[str, typer.Argument(metavar="FROM", help="The older version; the last one before TO.")] = "",
    after: Annotated[str, typer.Argument(metavar="TO", help="The later version; the newest.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Show what has changed between two versions, and whether that is breaking, a feature or a fix.

    Files are compared as they are rendered in the cases of the path's tests/grid.yaml.
    """
    from platformctl.commands import path_diff as command
    from platformctl.reporters.path_lines import comparison_lines

    with terminal.opened("path diff", as_json) as (session, shown):
        found = command.diff(path, before, after, session)
        shown.show(comparison_lines(found))
        terminal.result(session, as_json, found.to_json())


@app.command(epilog="Example: platformctl path test golden_paths/service")
def test(
    path: Target,
    path_version: Annotated[str, typer.Option("--path-version", metavar="VERSION", help="This version only.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Render every version in every case of the path's tests/grid.yaml, twice, and run the path's own tests."""
    from platformctl.commands import path_test as command
    from platformctl.reporters.path_lines import check_lines

    with terminal.opened("path test", as_json) as (session, shown):
        checks = []
        for check in command.test(path, path_version, session, _teller(shown, as_json)):
            checks.append(check)
            shown.show(check_lines(check))
        terminal.result(session, as_json, {"checks": [asdict(check) for check in checks]})
    if any(check.problems for check in checks):
        raise typer.Exit(1)


@app.command(epilog="Example: platformctl path release golden_paths/service 1.1.0")
def release(
    path: Target,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The version, as in its folder's name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Release a version: check its number, changelog, owner, notice and tests, and record what it consists of.

    From then on it never changes. What is written is released.yaml in the golden path's folder.
    """
    from platformctl.commands import path_release as command
    from platformctl.reporters.path_lines import check_lines, release_lines

    with terminal.opened("path release", as_json) as (session, shown):
        releasing = command.Releasing(path, version, session)
        checks = []
        for check in releasing.checks(_teller(shown, as_json)):
            checks.append(check)
            shown.show(check_lines(check))
        failed = sum(bool(check.problems) for check in checks)
        made = None
        if not failed and not releasing.done:
            made = releasing.record() if dry_run else releasing.write()
        shown.show(release_lines(releasing, made, failed, dry=dry_run))
        terminal.result(session, as_json, releasing.to_json(checks, made, dry=dry_run))
    if failed:
        raise typer.Exit(1)


def _teller(shown: terminal.Reporter, as_json: bool) -> Callable[[str], None]:
    """Shows what a program says, for machines beside what they read."""
    if as_json:
        return lambda line: typer.echo(line, err=True)
    return lambda line: shown.ask([[("quiet", f"  {line}")]])


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
