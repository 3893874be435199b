"""Flags of `platformctl new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from platformctl.cli import terminal
from platformctl.cli.inputs import WithInputs, settings_of
from platformctl.commands.new import Options
from platformctl.reporters.lines import outcome_lines, plan_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})

PathArgument = Annotated[str, typer.Argument(metavar="PATH", help="The golden path; see platformctl path list.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The service's name.")]
Setting = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An answer; may be repeated.")]
AnswersOption = Annotated[Path | None, typer.Option("--answers", metavar="FILE", help="Answers from a YAML file.")]
Version = Annotated[str, typer.Option("--path-version", metavar="VERSION", help="A version other than the newest.")]
AllowWithdrawn = Annotated[
    bool, typer.Option("--allow-withdrawn", help="Take a version all the same that is withdrawn or has ended.")
]
Team = Annotated[str, typer.Option("--team", metavar="TEAM", help="The team that owns it.")]


@app.command(
    cls=WithInputs,
    epilog="Example: platformctl new service payments-api --team payments --tier high-availability",
)
def new(
    path: PathArgument,
    name: NameArgument = "",
    team: Team = "",
    setting: Setting = None,
    answers: AnswersOption = None,
    path_version: Version = "",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take over a repository of this name that is there already.")
    ] = False,
    allow_withdrawn: AllowWithdrawn = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Create a service on a golden path.

    Asks at a terminal for what is missing. Running it again finishes what was begun, or changes nothing.
    Every input of the path is an option too.
    """
    from platformctl.commands import new as command

    options = Options(path, name, path_version, settings_of(team, setting), answers, adopt, allow_withdrawn)
    with terminal.opened("new", as_json) as (session, shown):
        ask = terminal.asker(no_input or as_json)
        if dry_run:
            plan, _ = command.plan(options, session, ask)
            shown.show(plan_lines(plan))
            terminal.result(session, as_json, plan_json(plan), service=plan.service)
            return
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        outcome = command.new(options, session, approve, ask)
        report(session, shown, outcome, as_json)


def plan_json(plan: Any) -> dict[str, Any]:
    """A plan for machines."""
    return {
        "service": plan.service,
        "path": plan.path,
        "version": plan.version,
        "changes": [change.to_json() for change in plan.changes],
        "deferred": [step.step.id for step in plan.steps if step.deferred],
        "unreadable": [{"address": address, "reason": reason} for _, address, reason in plan.unreadable],
        "notes": [note for step in plan.steps for note in step.notes],
    }


def report(session: Any, shown: Any, outcome: Any, as_json: bool) -> None:
    """Show how a run ended; ends the process when the plan was not approved."""
    if not outcome.applied and outcome.plan.pending:
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)
    shown.show(outcome_lines(outcome))
    terminal.result(session, as_json, outcome.to_json(), service=outcome.plan.service, run=outcome.run)
