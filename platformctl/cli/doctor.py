"""Flags of `platformctl doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.cli.new import report
from platformctl.errors import BadInput
from platformctl.reporters.lines import diagnosis_lines
from platformctl.reporters.platform_lines import platform_lines

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl doctor payments-api")
def doctor(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the one around this folder.")] = "",
    platform: Annotated[
        bool, typer.Option("--platform", help="Look at the platform instead: tools, access, permissions, teams.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what is not as it should be.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """See whether the world still is as the service's answers say.

    Exits with 0 when all is as it should be, with 3 when something has drifted, and with 1 when something could
    not be read. With --platform: with 4 when something is missing.
    """
    from platformctl.commands import doctor as command

    if platform and (service or fix):
        raise BadInput("--platform looks at no service and mends nothing", hint="Leave SERVICE and --fix out")
    with terminal.opened("doctor", as_json) as (session, shown):
        if platform:
            needs = command.platform(session)
            shown.show(platform_lines(needs))
            found = [{"port": port, **asdict(need)} for port, need in needs]
            terminal.result(session, as_json, {"needs": found})
            if any(need.problem for _, need in needs):
                raise typer.Exit(4)
            return
        if fix:
            approve = terminal.approval(shown, yes=yes, no_input=no_input or as_json)
            report(session, shown, command.fix(service, session, approve), as_json)
            return
        diagnosis = command.doctor(service, session)
        shown.show(diagnosis_lines(diagnosis))
        drifted = any(finding.kind is not None for finding in diagnosis.findings)
        data = {
            "drift": drifted,
            "findings": len(diagnosis.findings),
            "notes": list(diagnosis.notes),
            "checked": {plane.value: count for plane, count in diagnosis.checked},
            "seconds": round(diagnosis.seconds, 3),
        }
        terminal.result(session, as_json, data, service=diagnosis.plan.service)
    if drifted:
        raise typer.Exit(3)
    if diagnosis.findings:
        raise typer.Exit(1)
