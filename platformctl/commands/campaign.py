"""`platformctl campaign`: look at campaigns, let one pause, go on, or end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformctl.campaign.burndown import Burndown, burndown
from platformctl.campaign.gate import Word, gate
from platformctl.campaign.story import Campaign
from platformctl.commands import ledger
from platformctl.commands.session import Session
from platformctl.commands.versions import refusal
from platformctl.errors import BadInput
from platformctl.events import Type

if TYPE_CHECKING:  # who looks at campaigns moves none
    from platformctl.commands.campaign_call import Advance
    from platformctl.commands.doctor import Watched


def listed(session: Session) -> list[Campaign]:
    """Every campaign, the one in which something happened last first."""
    return sorted((one.campaign for one in ledger.ledgers(session)), key=lambda one: one.last, reverse=True)


def status(name: str, session: Session) -> tuple[Campaign, Burndown]:
    """One campaign as its journal has it, the last one without a name. Raises `NotFound` or `BadInput`."""
    found = ledger.find(session, name)
    return found.campaign, burndown(found.events)


def pause(name: str, why: str, session: Session) -> Campaign:
    """Nothing more is begun until `go`; a call at work stops after the service that it is at. Raises `BadInput`."""
    found = ledger.going(session, name)
    if found.campaign.paused:
        raise BadInput(f"campaign {found.campaign.id} is paused already: {found.campaign.paused}")
    found.note(Type.CAMPAIGN_PAUSED, status="by a person", message=why or "somebody has paused it")
    return found.campaign


def go(name: str, session: Session, watched: Watched, budget: int | None = None) -> Advance:
    """Take a campaign further, as somebody who has looked at it.

    One that is paused goes on: what has failed until now is accepted, and tried again. One that waits begins its next
    wave, and so does one whose rest waits for that word. Raises `BadInput` for one that is over, and for one whose
    version is withdrawn or has ended, which pauses itself; `NotFound` for a golden path that is not there any more.
    """
    from platformctl.commands.budget import Budget
    from platformctl.commands.campaign_call import move
    from platformctl.commands.scope import TIMEOUT

    limit = budget or session.wiring.config.data["campaigns"].get("budget")
    spending = Budget(session, limit)
    found = ledger.going(session, name)
    campaign = found.campaign
    if why := refusal(session, session.wiring.golden_path(campaign.path), campaign.version):
        found.pause(why)
        raise BadInput(why, hint=f"End it: platformctl campaign end {campaign.id}")
    accepted = [one.service for one in campaign.failed()]
    passes = not campaign.paused or gate(campaign).word is Word.REST
    passed = campaign.opened if passes else campaign.passed
    found.note(Type.CAMPAIGN_RESUMED, data={"accepted": accepted, "passed": passed})
    return move(campaign.id, session, watched, spending, TIMEOUT)


def end(name: str, session: Session) -> Campaign:
    """Nothing more happens; what is proposed stays proposed. Raises `BadInput` for one that is over."""
    found = ledger.going(session, name)
    found.note(Type.CAMPAIGN_FINISHED, status="ended")
    return found.campaign
