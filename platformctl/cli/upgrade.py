"""Flags of `platformctl upgrade`, of one service or of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platformctl.cli import campaign, terminal
from platformctl.cli.new import plan_json
from platformctl.errors import BadInput
from platformctl.reporters.lines import outcome_lines, plan_lines
from platformctl.reporters.upgrade_lines import conflict_lines, local_lines, merging_lines, there_lines

if TYPE_CHECKING:
    from platformctl.commands.upgrade import Options

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Example: platformctl upgrade payments-api --dry-run")
def upgrade(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service; the one around this folder.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="The version to come to; the newest.")] = "",
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="An answer that the version asks for; may be repeated."),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Change the clone around this folder instead of proposing it.")
    ] = False,
    merge: Annotated[
        bool, typer.Option("--merge", help="Merge it at once when nobody is needed, and let all else follow.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every service of a golden path: begin a campaign, or move it further.")
    ] = False,
    path: Annotated[
        str, typer.Option("--path", metavar="PATH", help="With --all: the golden path; the only one that fits.")
    ] = "",
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="With --all: one team's services.")] = "",
    wave: Annotated[
        list[str] | None,
        typer.Option("--wave", metavar="SIZE", help="With --all: 1, 10% or team:SLUG; may be repeated."),
    ] = None,
    failures: Annotated[
        str, typer.Option("--failures", metavar="PERCENT", help="With --all: how much of a wave may fail.")
    ] = "",
    budget: Annotated[
        str, typer.Option("--budget", metavar="N", help="With --all: requests of servers at most; then it stops.")
    ] = "",
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="SECONDS", help="With --all: for a look at each service; 60.")
    ] = "",
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="With --all: show lines (table), or a report: markdown.")
    ] = campaign.TABLE,
    output: campaign.OutputOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be proposed and write nothing.")] = False,
    yes: terminal.Yes = False,
    no_input: terminal.NoInput = False,
    as_json: terminal.AsJson = False,
) -> None:
    """Bring a service to a later version of its golden path, by a pull request to its team.

    Files are merged three ways: what the team has changed stays, what it has deleted stays deleted. Where both have
    changed the same lines, the file has git's markers, and CI fails until a person has decided. All else that the
    version asks for is made after the merge. Exit 3: a person is needed, or --merge waits for checks.

    With --all it is a campaign: every service is looked at first, and what would become of it is shown. Then they go in
    waves, each of which has to be merged and healthy before the next begins. One call moves it as far as it goes, and
    calling again goes on; `campaign status` shows how far it is. Exits with 0 when all is done, with 1 when something
    has failed or could not be looked at, or the campaign has paused itself, and with 3 otherwise: it waits.
    """
    from platformctl.commands.upgrade import Options

    if every:
        from platformctl.cli.upgrade_all import How, upgrade_all
        from platformctl.commands.upgrade_all import Options as Fleet

        _check_all(service, alone=local or merge)
        asked = Fleet(
            path,
            to,
            team,
            tuple(setting or ()),
            tuple(wave or ()),
            campaign.number("failures", failures.removesuffix("%"), 0, 100),
            campaign.number("budget", budget),
            campaign.number("timeout", timeout),
        )
        upgrade_all(asked, How(form, output, dry_run, yes, no_input, as_json))
        return
    if path or team or wave or failures or budget or timeout or output or form != campaign.TABLE:
        raise BadInput("that is for many services", hint="Give --all")
    if local and merge:
        raise BadInput("--local proposes nothing that could be merged", hint="Leave one of them out")
    _one(Options(service, to, setting or ()), _How(local, merge, dry_run, yes, no_input or as_json, as_json))


@dataclass(frozen=True)
class _How:
    """What becomes of it, and whether somebody is asked."""

    local: bool
    merge: bool
    dry_run: bool
    yes: bool
    quiet: bool
    as_json: bool


def _check_all(service: str, *, alone: bool) -> None:
    """Raise `BadInput` for what does not go with `--all`."""
    if service:
        raise BadInput("one service, or --all of them?", hint=f"Leave {service} out, or --all")
    if alone:
        raise BadInput("--local and --merge are for one service", hint="A team's are merged by teams[].automerge")


def _one(options: Options, how: _How) -> None:
    from platformctl.commands import upgrade as command
    from platformctl.commands.upgrade_local import preview_local, upgrade_local
    from platformctl.commands.upgrade_merge import upgrade_merge

    with terminal.opened("upgrade", how.as_json) as (session, shown):
        ask = terminal.asker(how.quiet)
        approve = terminal.approval(shown, yes=how.yes, no_input=how.quiet)
        outcome, done, merging = None, True, None
        if how.dry_run:
            step, plan = preview_local(options, session, ask) if how.local else command.preview(options, session, ask)
            shown.show(plan_lines(plan) if plan else ())
        elif how.local:
            step, plan, done = upgrade_local(options, session, approve, ask)
            shown.show(local_lines(plan) if plan and done else ())
        else:
            if how.merge:
                step, outcome, merging = upgrade_merge(options, session, approve, ask)
            else:
                step, outcome = command.upgrade(options, session, approve, ask)
            plan, done = (outcome.plan, outcome.applied) if outcome else (None, True)
            comes = f"is to come to {step.path} {step.to}"
            merged = merging is not None and merging.followed is not None
            shown.show(outcome_lines(outcome, comes) if outcome and done and not merged else ())
            shown.show(merging_lines(step, merging) if merging else ())
            if merging and merging.refused:
                typer.echo(f"Nothing {'else ' if merging.commit else ''}was changed.", err=True)
                raise typer.Exit(1)
        more = merging.to_json() if merging else {}
        if plan is None:
            shown.show(there_lines(step) if not merging else ())
            terminal.result(session, how.as_json, {"upgrade": step.to_json(), "needed": False, **more})
            return
        if not done:
            typer.echo("Nothing was changed." if how.local else "Nothing was proposed.", err=True)
            raise typer.Exit(1)
        found = command.conflicts(plan)
        shown.show(conflict_lines(command.disputed(plan), local=how.local))
        data: dict[str, Any] = outcome.to_json() if outcome else plan_json(plan)
        about = {"upgrade": step.to_json(), "needed": True, "conflicts": found, **more}
        terminal.result(session, how.as_json, {**data, **about}, service=plan.service)
    if found or (merging and merging.waits_for):
        raise typer.Exit(3)
