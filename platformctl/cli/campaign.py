"""Flags of `platformctl campaign`, and what `upgrade --all` shares with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from platformctl.cli import terminal
from platformctl.cli.terminal import Reporter
from platformctl.commands.session import Session
from platformctl.errors import BadInput
from platformctl.home import write_out
from platformctl.reporters.campaign_lines import advance_lines, campaigns_lines, standing, status_lines

if TYPE_CHECKING:  # who looks at campaigns moves none
    from platformctl.commands.campaign_call import Advance


FormOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="Show lines (table), or a report: markdown.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report here; the lines are shown too.")
]
BudgetOption = Annotated[
    str, typer.Option("--budget", metavar="N", help="Requests of servers at most; then it stops, and says where.")
]
TABLE: Final = "table"
"""The format that is lines for people."""
Named = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name or the beginning of it; the only one.")]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="Look at campaigns: many services on their way to another version. `upgrade --all` begins and moves them.",
)


def check(form: str, output: Path | None, *, as_json: bool) -> None:
    """Raise `BadInput` for a format that there is not, and for what does not go together."""
    if form not in (TABLE, "markdown"):
        raise BadInput(f"format: there is no {form!r}", hint="Give table or markdown")
    if output and form == TABLE:
        raise BadInput("which format?", hint="Give --format markdown")
    if form != TABLE and as_json and not output:
        raise BadInput("--json and a report cannot both go to standard output", hint="Give --output FILE")


def number(option: str, text: str, least: int = 1, most: int | None = None) -> int | None:
    """A number that was given as text; None for none. Raises `BadInput`.

    Typer would load a library for it that takes longer than all else that a short command does.
    """
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= (int(text) if most is None else most):
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise BadInput(f"{option}: {text!r} is no number {bounds}")
    return int(text)


def written(report: str, output: Path | None) -> None:
    """Write a report where it was asked for."""
    if output is None:
        sys.stdout.write(report)
    else:
        write_out(output, report.encode())


def ended(session: Session, shown: Reporter, advance: Advance, as_json: bool) -> None:
    """Show how far a call has moved a campaign, and exit as that says."""
    shown.show(advance_lines(advance))
    terminal.result(session, as_json, advance.to_json())
    raise typer.Exit(advance.code)


@app.command("list", epilog="Example: platformctl campaign list")
def list_(as_json: terminal.AsJson = False) -> None:
    """List campaigns, the one in which something happened last first."""
    from platformctl.commands import campaign as command

    with terminal.opened("campaign list", as_json) as (session, shown):
        found = command.listed(session)
        shown.show(campaigns_lines(found))
        rows = [{**one.to_json(), "services": len(one.members), "left": len(one.left)} for one in found]
        terminal.result(session, as_json, {"campaigns": rows})


@app.command(epilog="Example: platformctl campaign status service-1.1.0 --format markdown")
def status(
    campaign: Annotated[
        str, typer.Argument(metavar="CAMPAIGN", help="Its name or the beginning of it; the last one.")
    ] = "",
    form: FormOption = TABLE,
    output: OutputOption = None,
    as_json: terminal.AsJson = False,
) -> None:
    """Show how far a campaign is: by wave, by team, day by day, and who is needed.

    It is shown as the last call of `upgrade --all` has left it.
    """
    from platformctl.commands import campaign as command
    from platformctl.reporters import campaign_markdown

    check(form, output, as_json=as_json)
    with terminal.opened("campaign status", as_json) as (session, shown):
        found, burndown = command.status(campaign, session)
        if form == TABLE or output:
            shown.show(status_lines(found, burndown))
        if form != TABLE:
            written(campaign_markdown.status(found, burndown), output)
        terminal.result(session, as_json, {**found.to_json(), "burndown": burndown.to_json()})


@app.command(epilog="Example: platformctl campaign pause service-1.1.0 --why 'release week'")
def pause(
    campaign: Named = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What others should know.")] = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Let nothing more begin until `campaign go`. A call at work stops after the service that it is at."""
    from platformctl.commands import campaign as command

    with terminal.opened("campaign pause", as_json) as (session, shown):
        found = command.pause(campaign, why, session)
        shown.show([[("change", "… "), ("strong", found.id), ("", f" {standing(found)}: {found.paused}")]])
        terminal.result(session, as_json, found.to_json())


@app.command(epilog="Example: platformctl campaign go service-1.1.0")
def go(
    campaign: Named = "",
    budget: BudgetOption = "",
    as_json: terminal.AsJson = False,
) -> None:
    """Take a campaign further, after a look at it.

    One that is paused goes on: what has failed until now does not count any more, and is tried again. One that waits
    for merges begins its next wave without them. Exits as `upgrade --all` does.
    """
    from platformctl.commands import campaign as command

    limit = number("budget", budget)
    with terminal.opened("campaign go", as_json) as (session, shown):
        advance = command.go(campaign, session, lambda: terminal.progress(as_json), limit)
        ended(session, shown, advance, as_json)


@app.command(epilog="Example: platformctl campaign end service-1.1.0")
def end(campaign: Named = "", as_json: terminal.AsJson = False) -> None:
    """End a campaign. What is proposed stays proposed, and is its teams' to merge."""
    from platformctl.commands import campaign as command

    with terminal.opened("campaign end", as_json) as (session, shown):
        found = command.end(campaign, session)
        shown.show([[("good", "✓ "), ("strong", found.id), ("", f" {standing(found)}")]])
        terminal.result(session, as_json, found.to_json())
