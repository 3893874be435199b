"""`platformctl upgrade --all`: many services come to another version, rehearsed first, then wave by wave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from platformctl.campaign.member import State
from platformctl.campaign.rehearsed import Verdict
from platformctl.campaign.story import Campaign
from platformctl.campaign.waves import Size, divided, is_size, ordered
from platformctl.commands import fleet, ledger
from platformctl.commands.budget import Budget
from platformctl.commands.campaign_call import Advance, looked_at, move
from platformctl.commands.doctor import Watched
from platformctl.commands.ledger import Ledger
from platformctl.commands.rehearsal import Rehearsal, Target
from platformctl.commands.scope import TIMEOUT
from platformctl.commands.session import Session, not_prepared
from platformctl.commands.versions import check_version
from platformctl.errors import BadInput
from platformctl.golden_path import GoldenPath
from platformctl.model import Json

Approve = Callable[[Rehearsal], bool]
"""Shows a rehearsal and says whether it may begin."""


@dataclass(frozen=True)
class Options:
    """What was asked for. What is empty is as the platform says, or as the campaign that goes on has it."""

    path: str = ""
    to: str = ""
    team: str = ""
    settings: Sequence[str] = ()
    """`key=value`: answers that the version asks for, for every service."""
    waves: Sequence[str] = ()
    failures: int | None = None
    """Percentage of a wave that may fail."""
    budget: int | None = None
    """Requests of servers at most."""
    timeout: int | None = None
    """Seconds for each service that is looked at."""


def rehearse(options: Options, session: Session, watched: Watched) -> Rehearsal:
    """Find out what an upgrade of every service in scope would do. Writes nothing.

    Raises `NotFound` or `BadInput` for a golden path or a version that is none to go to, and where the budget is too
    small for it; `BadConfig` for an organisation that is not prepared.
    """
    return _rehearsed(options, session, watched, _budget(options, session))


def upgrade_all(options: Options, session: Session, approve: Approve, watched: Watched) -> Advance | Rehearsal:
    """Move the campaign that fits, or begin one; gives the rehearsal where nothing is to do, or it is not approved.

    Raises `BadInput` for what cannot be changed in a campaign that goes on, `Busy` while another process begins one of
    the golden path or moves this one, and whatever `rehearse` raises.
    """
    budget = _budget(options, session)
    if found := _open(options, session):
        return _move_on(found, options, session, watched, budget)
    held = ledger.alone(session, _path(options, session).name)
    try:
        found = _open(options, session)  # somebody may have begun one before the lock was ours
        if found is None:
            rehearsal = _rehearsed(options, session, watched, budget)
            if not rehearsal.waves.names or not approve(rehearsal):
                return rehearsal
            begun = _begin(options, session, rehearsal)
    finally:
        held.release()
    if found is not None:
        return _move_on(found, options, session, watched, budget)
    return move(begun.campaign.id, session, watched, budget, options.timeout or TIMEOUT, rehearsal.found)


def _move_on(found: Ledger, options: Options, session: Session, watched: Watched, budget: Budget) -> Advance:
    """Move a campaign that goes on. Raises `BadInput` for what cannot be changed in it."""
    if options.waves or options.settings or options.failures is not None:
        raise BadInput(
            f"campaign {found.campaign.id} goes on as it was begun",
            hint=f"Leave --wave, --failures and --set out, or end it: platformctl campaign end {found.campaign.id}",
        )
    return move(found.campaign.id, session, watched, budget, options.timeout or TIMEOUT)


def _open(options: Options, session: Session) -> Ledger | None:
    """The campaign that goes on. Raises `BadInput` where several fit, and where another one is in the way."""
    running = [one for one in ledger.ledgers(session) if not one.campaign.ended]

    def fits(campaign: Campaign) -> bool:
        asked = ((options.path, campaign.path), (options.to, campaign.version), (options.team, campaign.team))
        return all(wanted in ("", given) for wanted, given in asked)

    found = [one for one in running if fits(one.campaign)]
    if len(found) > 1:
        ids = ", ".join(one.campaign.id for one in found)
        raise BadInput(f"which campaign? These are not over: {ids}", hint="Say which with --path, --to or --team")
    if found:
        return found[0]
    if not running:
        return None
    path = _path(options, session).name
    for one in running:
        theirs = one.campaign.team
        if one.campaign.path == path and (theirs == options.team or not theirs or not options.team):
            raise BadInput(
                f"campaign {one.campaign.id} is not over, and has services of {path} too",
                hint=f"Let it end, or end it: platformctl campaign end {one.campaign.id}",
            )
    return None


def _path(options: Options, session: Session) -> GoldenPath:
    """The golden path that is meant. Raises `NotFound` or `BadInput`."""
    if options.path:
        return session.wiring.golden_path(options.path)
    offered = [path for path in session.wiring.golden_paths().values() if not path.internal]
    fit = [path for path in offered if (options.to in path.versions if options.to else len(path.versions) > 1)]
    if len(fit) == 1:
        return fit[0]
    what = f"has version {options.to}" if options.to else "has more than one version"
    names = ", ".join(path.name for path in fit)
    raise BadInput(
        f"which golden path? {f'Several have: {names}' if fit else f'None {what}'}", hint="Give --path, see path list"
    )


def _budget(options: Options, session: Session) -> Budget:
    return Budget(session, options.budget or session.wiring.config.data["campaigns"].get("budget"))


def _rehearsed(options: Options, session: Session, watched: Watched, budget: Budget) -> Rehearsal:
    stream = session.stream()
    path = _path(options, session)
    version = path.version_folder(options.to).name
    check_version(session, path, version, "--to")
    session.wiring.recipe(path.name, version)  # one that is broken is so for every service
    if options.team:
        session.wiring.config.team(options.team)
    sizes = _sizes(options, session)
    if not session.wiring.prepared:
        raise not_prepared(session.wiring.config)
    names = fleet.services(session)
    target = Target(path.name, version, options.team, tuple(options.settings), options.timeout or TIMEOUT)
    found, complete = looked_at(names, target, budget, watched)
    if not complete:
        raise BadInput(
            f"the budget of {budget.most} requests is used up by looking at {len(found)} of {len(names)} services",
            hint="Give more for the first call: every service is looked at before anything is proposed",
        )
    declined = _declined(session, target)
    found = [
        replace(one, verdict=Verdict.DECLINED) if one.unasked and one.service in declined else one for one in found
    ]
    inside = [one for one in found if one.verdict is not Verdict.OUTSIDE]
    return Rehearsal(target, tuple(inside), divided(ordered(found), sizes), stream.elapsed)


def _declined(session: Session, target: Target) -> set[str]:
    """The services whose teams have declined the version in an earlier campaign."""
    earlier = (one.campaign for one in ledger.ledgers(session))
    same = (one for one in earlier if (one.path, one.version) == (target.path, target.version))
    return {name for one in same for name, member in one.members.items() if member.state is State.DECLINED}


def _sizes(options: Options, session: Session) -> Sequence[Size]:
    """How far each wave goes. Raises `BadInput`."""
    given = [size.strip() for one in options.waves for size in one.split(",")]
    if wrong := [size for size in given if not is_size(size)]:
        raise BadInput(f"wave: {wrong[0]!r} is no size", hint="Give a number of services, 10%, or team:SLUG")
    found: Sequence[Size] = given or session.wiring.config.data["campaigns"]["waves"]
    return found


def _begin(options: Options, session: Session, rehearsal: Rehearsal) -> Ledger:
    """Write down what begins."""
    base = "-".join(filter(None, (rehearsal.target.path, rehearsal.target.version, options.team)))
    id_ = next(name for name in _ids(base) if not ledger.is_taken(session, name))
    share = options.failures
    if share is None:
        share = int(session.wiring.config.data["campaigns"]["failures"].rstrip("%"))
    data: dict[str, Json] = {
        "organisation": session.organisation,
        "team": options.team,
        "settings": list(options.settings),
        "failures": share,
        "waves": [list(names) for names in rehearsal.waves.names],
        "rest": rehearsal.waves.rest,
        "services": [one.to_json() for one in rehearsal.found],
    }
    return ledger.begin(session, id_, rehearsal.target.path, rehearsal.target.version, data)


def _ids(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}-{number}" for number in count(2))
