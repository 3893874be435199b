"""What platformctl merges without a person: what nobody else has committed to, and whose checks are green."""

from __future__ import annotations

from typing import Final

from platformctl.action import Branches
from platformctl.commands.session import Session
from platformctl.errors import Protected
from platformctl.port import Checks

GOES_ON: Final = "a person goes on there"
"""Why a proposal is left alone that somebody else has committed to."""
_WAITS: Final = {
    Checks.RED: "the checks of its pull request are red",
    Checks.PENDING: "the checks of its pull request have not ended",
    Checks.NONE: "no check of its pull request has said anything yet",
}


def is_ours(session: Session, service: str, repository: str, commit: str) -> bool:
    """Whether platformctl has made the commit that a service's proposal stands at."""
    left_by = session.wiring.ports["forge"].left_by
    return bool(commit) and left_by(repository, commit).service == service


def held_up(session: Session, checks: Checks, *, ours: bool) -> str:
    """Why a proposal is not merged without a person; empty: it may be. Where nothing runs checks, none are needed."""
    if not ours:
        return GOES_ON
    return _WAITS.get(checks, "") if session.wiring.ports["forge"].RUNS_WORKFLOWS else ""


def merge(session: Session, at: Branches, commit: str) -> str:
    """Merge what is proposed and stands at a commit; gives the commit by which it came in.

    Raises `Moved` and `Protected`.
    """
    forge = session.wiring.ports["forge"]
    try:
        merged: str = forge.merge(at.repository, at.branch, at.head, commit)
    except Protected as kept_out:
        kept_out.hint = kept_out.hint or "It stays proposed; whoever the rules ask for has to agree"
        raise
    return merged
