"""Flags of `platformctl override`."""

from __future__ import annotations

from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import plan_json, report
from platformctl.commands.override import Options
from platformctl.errors import BadInput
from platformctl.reporters.lines import plan_lines
from platformctl.reporters.override_lines import override_lines, point_lines

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="Deviate from a golden path on purpose, with a reason and an end.",
)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service; `.` for the one around this folder.")]
Here = Annotated[
    bool, typer.Option("--here", help="Change .platformctl.yaml in the clone around this folder, and nothing else.")
]


@app.command(epilog="Example: platformctl override add payments-api branch_protection.reviews=2 --why 'Two read it'")
def add(
    service: Service,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="STEP.INPUT=VALUE, file:PATH or step:STEP.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for whoever reads it later.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who has decided it; the service's team.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="2027-02-28, 90d or never; 90d.")] = "",
    here: Here = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Override a step's input, a file or a whole step, and apply what follows.

    It is recorded in .platformctl.yaml, kept by upgrades, and shown by `doctor` as a deviation until it ends. Then
    what it was about is drift again.
    """
    from platformctl.commands import override as command

    with terminal.opened("override add", as_json) as (session, shown):
        if not why and terminal.is_terminal() and not no_input:
            why = typer.prompt("why", err=True)
        options = Options(_named(service), target, why, by, until)
        if here:
            _edit(session, shown, options, as_json, dropping=False)
            return
        if dry_run:
            plan, _ = command.preview_add(options, session)
            shown.show(plan_lines(plan))
            terminal.result(session, as_json, plan_json(plan), service=plan.service)
            return
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        report(session, shown, command.add(options, session, approve), as_json)


@app.command(epilog="Example: platformctl override drop payments-api branch_protection.reviews")
def drop(
    service: Service,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="STEP.INPUT, file:PATH or step:STEP.")],
    here: Here = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Go back to the golden path's default, and apply what follows."""
    from platformctl.commands import override as command

    with terminal.opened("override drop", as_json) as (session, shown):
        options = Options(_named(service), target)
        if here:
            _edit(session, shown, options, as_json, dropping=True)
            return
        approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
        report(session, shown, command.drop(options, session, approve), as_json)


@app.command("list", epilog="Example: platformctl override list payments-api")
def list_(service: Service = ".", as_json: terminal.AsJson = False) -> None:
    """List what a service overrides, why, and until when."""
    from platformctl.commands import override as command

    with terminal.opened("override list", as_json) as (session, shown):
        record, found = command.listed(_named(service), session)
        shown.show(override_lines(record, found))
        data = [{"target": one.target, **one.to_record(), "holds": holds} for one, holds in found]
        terminal.result(session, as_json, {"overrides": data}, service=record.service)


@app.command(epilog="Example: platformctl override explain payments-api branch_protection.reviews")
def explain(
    service: Service = ".",
    target: Annotated[str, typer.Argument(metavar="TARGET", help="One extension point; all of them.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Explain where a golden path expects deviations, what is allowed there, and what is there now."""
    from platformctl.commands import override as command

    with terminal.opened("override explain", as_json) as (session, shown):
        record, points = command.explain(_named(service), target, session)
        shown.show(point_lines(record, points))
        data = [point.to_json() for point in points]
        terminal.result(session, as_json, {"extension_points": data}, service=record.service)


def _edit(session: object, shown: terminal.Reporter, options: Options, as_json: bool, *, dropping: bool) -> None:
    from platformctl.commands import override as command
    from platformctl.commands.session import Session

    assert isinstance(session, Session)
    if options.service:
        raise BadInput("--here is about the clone around this folder", hint="Give . for the service")
    file = command.edit_here(options, session, dropping=dropping)
    shown.show(
        [[("good", "✓ "), ("", f"{file} is changed. Commit it and have it merged; then doctor --fix applies it.")]]
    )
    terminal.result(session, as_json, {"file": str(file)})


def _named(service: str) -> str:
    return "" if service == "." else service
