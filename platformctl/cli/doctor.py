"""Flags of `platformctl doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import report
from platformctl.errors import BadInput
from platformctl.model import Plane, Severity
from platformctl.reporters.diagnosis_lines import diagnosis_lines, fleet_lines
from platformctl.reporters.platform_lines import platform_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Examples: platformctl doctor payments-api; platformctl doctor --all --plane security")
def doctor(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the one around this folder.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every service that the forge and the catalog know.")] = False,
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="With --all: one team's services.")] = "",
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="With --all: those of one golden path.")] = "",
    plane: Annotated[
        list[Plane] | None, typer.Option("--plane", help="Look at this plane only; may be repeated.")
    ] = None,
    severity: Annotated[
        Severity, typer.Option("--severity", help="Tell of what matters that much, or more.")
    ] = Severity.NOTE,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=1, help="With --all: for each service.")
    ] = 60.0,
    platform: Annotated[
        bool, typer.Option("--platform", help="Look at the platform instead: tools, access, permissions, teams.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what is not as it should be.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """See whether the world still is as the services' answers say.

    Exits with 0 when all is as it should be, with 3 when something has drifted, and with 1 when something could
    not be read. With --platform: with 4 when something is missing.
    """
    from platformctl.commands import doctor as command

    every = every or bool(team or path)
    _check(service, every=every, platform=platform, fix=fix)
    planes = tuple(plane or ())
    with terminal.opened("doctor", as_json) as (session, shown):
        if platform:
            needs = command.platform(session)
            shown.show(platform_lines(needs))
            found = [{"port": port, **asdict(need)} for port, need in needs]
            terminal.result(session, as_json, {"needs": found})
            if any(need.problem for _, need in needs):
                raise typer.Exit(4)
            return
        if every:
            scope = command.Scope((), team, path, planes, severity, traces=as_json, timeout=timeout)
            fleet = command.doctor_all(scope, session, lambda found, number, of: None)
            shown.show(fleet_lines(fleet))
            terminal.result(session, as_json, fleet.to_json())
            raise typer.Exit(3 if fleet.drifted else 1 if fleet.unreadable else 0)
        if fix:
            approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
            report(session, shown, command.fix(service, session, approve, planes), as_json)
            return
        diagnosis = command.doctor(service, session, planes)
        shown.show(diagnosis_lines(diagnosis))
        terminal.result(session, as_json, diagnosis.to_json(), service=diagnosis.service)
    raise typer.Exit(3 if diagnosis.drift else 1 if diagnosis.unreadable else 0)


def _check(service: str, *, every: bool, platform: bool, fix: bool) -> None:
    """Raise `BadInput` for flags that do not go together."""
    if platform and (service or fix or every):
        raise BadInput("--platform looks at no service and mends nothing", hint="Leave the rest out")
    if every and service:
        raise BadInput("one service, or --all of them?", hint=f"Leave {service} out, or --all, --team and --path")
    if every and fix:
        raise BadInput("--fix mends one service", hint="Name it")
