"""Flags of `platformctl adopt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.inputs import settings_of
from platformctl.cli.new import plan_json
from platformctl.reporters.adoption_lines import adoption_lines
from platformctl.reporters.lines import outcome_lines

if TYPE_CHECKING:
    from platformctl.commands.adopt import Adoption

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl adopt payments-api --team payments --dry-run")
def adopt(
    repository: Annotated[str, typer.Argument(metavar="REPO", help="The repository's name on the forge.")],
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="The golden path; the one that fits best.")] = "",
    path_version: Annotated[
        str, typer.Option("--path-version", metavar="VERSION", help="With --path: a version other than the newest.")
    ] = "",
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="The team that owns it.")] = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An answer; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be proposed and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Take an existing repository onto a golden path, by a pull request to its team.

    The path that fits best is chosen, and its answers are read from what is there; both are shown with their reasons.
    What the team has stays as it is, byte for byte. What then differs from the path stands in the record as overrides.
    Nothing else is made before the merge. Asked again, the pull request follows.
    """
    from platformctl.commands import adopt as command
    from platformctl.commands.survey import Options

    options = Options(repository, path, path_version, settings_of(team, setting))
    with terminal.opened("adopt", as_json) as (session, shown):
        ask = terminal.asker(no_input or as_json)
        if dry_run:
            plan, found = command.preview(options, session, ask)
            shown.show(adoption_lines(found))
            data = {**plan_json(plan), "adoption": found.to_json()}
            terminal.result(session, as_json, data, service=plan.service)
            return

        def approve(found: Adoption) -> bool:
            shown.ask(adoption_lines(found))
            if yes or no_input or as_json or not terminal.is_terminal():
                return True
            return terminal.confirmed("Propose this?", default=True)

        outcome, found = command.adopt(options, session, approve, ask)
        if not outcome.applied:
            typer.echo("Nothing was proposed.", err=True)
            raise typer.Exit(1)
        shown.show(outcome_lines(outcome))
        data = {**outcome.to_json(), "adoption": found.to_json()}
        terminal.result(session, as_json, data, service=outcome.plan.service, run=outcome.run)
