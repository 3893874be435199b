"""What `platformctl upgrade --all` shows and asks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import typer

from platformctl.campaign.rehearsed import Verdict
from platformctl.cli import campaign, terminal
from platformctl.cli.terminal import Reporter
from platformctl.commands import upgrade_all as command
from platformctl.commands.campaign_call import Advance
from platformctl.commands.doctor import Told
from platformctl.commands.rehearsal import Rehearsal
from platformctl.commands.session import Session
from platformctl.commands.upgrade_all import Options
from platformctl.reporters import campaign_markdown
from platformctl.reporters.campaign_lines import rehearsal_lines

_PERSON = (Verdict.CONFLICTS, Verdict.BLOCKED)


@dataclass(frozen=True)
class How:
    """How it is shown, and whether somebody is asked."""

    form: str
    output: Path | None
    dry_run: bool
    yes: bool
    no_input: bool
    as_json: bool

    def watched(self) -> AbstractContextManager[Told]:
        """Shows how far a look at many services is."""
        return terminal.progress(self.as_json)


def upgrade_all(options: Options, how: How) -> None:
    """Rehearse, or move a campaign; exits as that says."""
    campaign.check(how.form, how.output, as_json=how.as_json)
    with terminal.opened("upgrade", how.as_json) as (session, shown):
        if how.dry_run:
            rehearsal = command.rehearse(options, session, how.watched)
            _show(rehearsal, shown, how)
            _over(rehearsal, session, how, _code(rehearsal))

        def approve(rehearsal: Rehearsal) -> bool:
            _show(rehearsal, shown, how)
            if how.yes or how.no_input or how.as_json or not terminal.is_terminal():
                return how.yes
            return terminal.confirmed("Begin this campaign?", default=False)

        found = command.upgrade_all(options, session, approve, how.watched)
        if isinstance(found, Advance):
            campaign.ended(session, shown, found, how.as_json)
        elif found.waves.names:
            typer.echo("Nothing was proposed; the same with --yes begins it.", err=True)
            _over(found, session, how, 3)
        else:
            _show(found, shown, how)
            _over(found, session, how, 0)


def _show(rehearsal: Rehearsal, shown: Reporter, how: How) -> None:
    if how.form == campaign.TABLE or how.output:
        shown.show(rehearsal_lines(rehearsal))
    if how.form != campaign.TABLE:
        campaign.written(campaign_markdown.rehearsal(rehearsal), how.output)


def _over(rehearsal: Rehearsal, session: Session, how: How, code: int) -> None:
    terminal.result(session, how.as_json, rehearsal.to_json())
    raise typer.Exit(code)


def _code(rehearsal: Rehearsal) -> int:
    """How a rehearsal exits: 1 when something could not be looked at, 3 when a person is needed."""
    return 1 if rehearsal.having(Verdict.UNREADABLE) else 3 if rehearsal.having(*_PERSON) else 0
