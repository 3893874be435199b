"""Flags of `platformctl doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from platformctl.cli import reports, terminal
from platformctl.cli.new import report
from platformctl.cli.reports import Reports
from platformctl.cli.terminal import Reporter
from platformctl.commands.scope import TIMEOUT, Scope
from platformctl.commands.session import Session
from platformctl.errors import BadInput
from platformctl.model import Plane, Severity
from platformctl.reporters.diagnosis_lines import diagnosis_lines, fleet_lines
from platformctl.reporters.formats import Format
from platformctl.reporters.mending_lines import begun_lines, mended_lines, mending_lines, would_lines
from platformctl.reporters.platform_lines import platform_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl doctor --all --severity error")
def doctor(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the one around this folder.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every service that the forge and the catalog know.")] = False,
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="One team's services, of all.")] = "",
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="Those of one golden path, of all.")] = "",
    plane: Annotated[
        list[Plane] | None, typer.Option("--plane", help="Look at this plane only; may be repeated.")
    ] = None,
    severity: Annotated[
        Severity, typer.Option("--severity", help="Tell of what matters that much, or more.")
    ] = Severity.NOTE,
    diff: Annotated[bool, typer.Option("--diff", help="Show what a fix would do to a text.")] = False,
    report_format: reports.FormatOption = Format.TABLE,
    output: reports.OutputOption = None,
    by_team: reports.ByTeamOption = None,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=1, help="With --all: for each service.")
    ] = TIMEOUT,
    platform: Annotated[
        bool, typer.Option("--platform", help="Look at the platform instead: tools, access, permissions, teams.")
    ] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Put right what is not as it should be. With --all: show what that is, unless --yes."
        ),
    ] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """See whether the world still is as the services' answers say.

    Exits with 0 when all is as it should be, with 3 when something has drifted, and with 1 when something could
    not be read, or not be put right. With --platform: with 4 when something is missing.
    """
    every = every or bool(team or path)
    wanted = Reports(report_format, output, by_team)
    _check(service, wanted, every=every, platform=platform, fix=fix, diff=diff, severity=severity)
    wanted.check(as_json=as_json, every=every)
    traces = as_json or wanted.asked or not every
    diffs = as_json or wanted.diffs or diff
    scope = Scope((), team, path, tuple(plane or ()), severity, traces=traces, diffs=diffs, timeout=timeout)
    with terminal.opened("doctor", as_json) as (session, shown):
        if platform:
            code = _platform(session, shown, as_json)
        elif every and fix:
            code = _mend(session, shown, scope, yes=yes, as_json=as_json)
        elif every:
            code = _look_at_all(session, shown, scope, wanted, as_json)
        elif fix:
            from platformctl.commands import mend

            approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
            report(session, shown, mend.fix(service, session, approve, scope.planes), as_json)
            code = 0
        else:
            code = _look_at_one(session, shown, service, scope, wanted, as_json)
    raise typer.Exit(code)


def _check(
    service: str, wanted: Reports, *, every: bool, platform: bool, fix: bool, diff: bool, severity: Severity
) -> None:
    """Raise `BadInput` for flags that do not go together."""
    if platform and (service or fix or every or diff or wanted.asked):
        raise BadInput("--platform looks at no service and mends nothing", hint="Leave the rest out")
    if every and service:
        raise BadInput("one service, or --all of them?", hint=f"Leave {service} out, or --all, --team and --path")
    if fix and wanted.asked:
        raise BadInput("a report says what was found, and --fix changes it", hint="Look first, without --fix")
    if diff and fix and not every:
        raise BadInput("--fix shows its plan, and no --diff", hint="Look first, without --fix")
    if diff and every and not fix and not wanted.asked:
        raise BadInput("--all has a line for each service, and no --diff", hint="Give --fix, or --format markdown")
    if fix and not every and severity is not Severity.NOTE:
        raise BadInput("--fix mends all of one service", hint="Choose with --plane, or give --all")


def _platform(session: Session, shown: Reporter, as_json: bool) -> int:
    from platformctl.commands import doctor as command

    needs = command.platform(session)
    shown.show(platform_lines(needs))
    terminal.result(session, as_json, {"needs": [{"port": port, **asdict(need)} for port, need in needs]})
    return 4 if any(need.problem for _, need in needs) else 0


def _look_at_one(session: Session, shown: Reporter, service: str, scope: Scope, wanted: Reports, as_json: bool) -> int:
    from platformctl.commands import doctor as command

    diagnosis = command.doctor(service, session, scope)
    if not wanted.shown:
        shown.show(diagnosis_lines(diagnosis))
    shown.show(wanted.write([diagnosis], diagnosis.seconds))
    terminal.result(session, as_json, diagnosis.to_json(), service=diagnosis.service)
    return 3 if diagnosis.drift else 1 if diagnosis.unreadable else 0


def _look_at_all(session: Session, shown: Reporter, scope: Scope, wanted: Reports, as_json: bool) -> int:
    from platformctl.commands import doctor as command

    with terminal.progress(as_json) as told:
        fleet = command.doctor_all(scope, session, told)
    if not wanted.shown:
        shown.show(fleet_lines(fleet))
    shown.show(wanted.write(fleet.diagnoses, fleet.seconds))
    terminal.result(session, as_json, fleet.to_json())
    return 3 if fleet.drifted else 1 if fleet.unreadable else 0


def _mend(session: Session, shown: Reporter, scope: Scope, *, yes: bool, as_json: bool) -> int:
    """Put many services right; without `--yes`, show what that is."""
    from platformctl.commands import doctor as command
    from platformctl.commands import mend

    with terminal.progress(as_json) as told:
        fleet = command.doctor_all(scope, session, told)
    if not yes:
        shown.show(would_lines(fleet))
        terminal.result(session, as_json, fleet.to_json())
        return 3 if fleet.drifted else 1 if fleet.unreadable else 0
    approve = terminal.approval(shown, yes=True, no_input=True)
    mended = []
    for one in mend.fix_all(fleet, session, approve, lambda name: shown.ask(begun_lines(name))):
        shown.show(mended_lines(one))
        mended.append(one)
    mending = mend.Mending(fleet, tuple(mended))
    shown.show(mending_lines(mending))
    terminal.result(session, as_json, mending.to_json())
    return 1 if mending.failed or fleet.unreadable else 3 if mending.left else 0
