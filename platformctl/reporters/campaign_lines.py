"""Campaigns as people read them: what a rehearsal found, how far a campaign is, and who is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from platformctl.campaign.burndown import Burndown, Counts, left, tally
from platformctl.campaign.member import Member, State
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.campaign.story import Campaign
from platformctl.reporters.findings import counted
from platformctl.reporters.lines import Line

if TYPE_CHECKING:  # who looks at campaigns moves none
    from platformctl.commands.campaign_call import Advance
    from platformctl.commands.rehearsal import Rehearsal

STYLES: Final = {
    State.DONE: "good",
    State.THERE: "good",
    State.MERGED: "good",
    State.PROPOSED: "change",
    State.CONFLICTS: "change",
    State.BLOCKED: "change",
    State.FAILED: "bad",
    State.DECLINED: "bad",
    State.WAITING: "quiet",
}
_MARKS: Final = {
    Verdict.CONFLICTS: ("change", "!"),
    Verdict.BLOCKED: ("bad", "✗"),
    Verdict.UNREADABLE: ("bad", "✗"),
    Verdict.DECLINED: ("bad", "-"),
    Verdict.PROPOSED: ("change", "…"),
    Verdict.MERGES: ("good", "✓"),
}
NEEDED: Final = (State.FAILED, State.BLOCKED, State.CONFLICTS, State.DECLINED, State.PROPOSED, State.MERGED)
"""States of which each service is named, in the order in which they are told."""
_BAR: Final = 24
"""Characters of a bar."""
_DAYS: Final = 14
"""Days that are shown."""
_MOST: Final = 30
"""Services of one kind that are named; --json has all of them."""


def rehearsal_lines(rehearsal: Rehearsal) -> Iterator[Line]:
    """What an upgrade of every service would do: those that are not simply clean, how many are, and who goes when."""
    target = rehearsal.target
    yield [("", "Rehearsal of "), ("strong", f"{target.path} {target.version}"), ("quiet", _of_team(target.team))]
    yield []
    shown = rehearsal.having(*_MARKS)
    shown.sort(key=lambda one: list(_MARKS).index(one.verdict))
    width = max((len(one.service) for one in shown), default=0)
    team = max((len(one.team) for one in shown), default=0)
    for one in shown[:_MOST]:
        style, mark = _MARKS[one.verdict]
        about = f"{one.service:<{width}}  {one.team:<{team}}  {one.before:<7}  "
        yield [(style, f"{mark} "), ("", about), (style, one.verdict.value), ("quiet", f"  {what_of(one)}".rstrip())]
    yield from _more(len(shown))
    if shown:
        yield []
    yield [("strong", f"{in_short(rehearsal)}, in {rehearsal.seconds:.1f} s.")]
    if rehearsal.waves.names:
        yield [("", f"{waves_of(rehearsal)}.")]
    else:
        yield [("", "There is nothing to do.")]


def what_of(one: Rehearsed) -> str:
    """What there is to say of a rehearsed service."""
    parts = [", ".join(one.conflicts)] if one.conflicts else []
    if one.verdict is Verdict.MERGES:
        parts.append(f"{counted(len(one.merged), 'file')} merged: {', '.join(one.merged)}")
    return "; ".join([*parts, *filter(None, (one.why, one.url))])


def in_short(rehearsal: Rehearsal) -> str:
    """How many services there are, and how many of which kind."""
    words = [f"{len(found)} {verdict.value}" for verdict in Verdict if (found := rehearsal.having(verdict))]
    return f"{counted(len(rehearsal.found), 'service')}: {', '.join(words) or 'none'}"


def waves_of(rehearsal: Rehearsal) -> str:
    """Who goes when: `3 waves: 1 (note-00), 4, 7`."""
    sizes = [f"{len(names)} ({names[0]})" if len(names) == 1 else str(len(names)) for names in rehearsal.waves.names]
    if rehearsal.waves.rest:
        sizes[-1] += " when you say so"
    return f"{counted(len(sizes), 'wave')}: {', '.join(sizes)}"


def advance_lines(advance: Advance) -> Iterator[Line]:
    """How far a call has moved a campaign."""
    campaign = advance.campaign
    members = list(campaign.members.values())
    yield []
    style, mark = {0: ("good", "✓ "), 1: ("bad", "✗ ")}.get(advance.code, ("change", "… "))
    yield [(style, mark), ("strong", campaign.id), ("", f" {standing(campaign)}, in {advance.seconds:.1f} s")]
    yield from _needed_lines(members)
    for name, why in sorted(advance.unseen.items()):
        yield [("bad", "  unseen     "), ("", name), ("quiet", f"  {why}")]
    yield []
    yield [("", f"{words(tally(members))}.")]
    if advance.stopped:
        yield [("change", f"Stopped: {advance.stopped}.")]
    if campaign.paused:
        yield [("change", f"Paused: {campaign.paused}.")]
        yield [("", f"Look at it, then go on with: platformctl campaign go {campaign.id}")]
    if advance.requests:
        yield [("quiet", f"{counted(advance.requests, 'request')} of servers.")]


def campaigns_lines(campaigns: Sequence[Campaign]) -> Iterator[Line]:
    """A table of campaigns."""
    if not campaigns:
        yield [("", "There has been no campaign yet.")]
    width = max((len(one.id) for one in campaigns), default=0)
    for one in campaigns:
        over = len(one.members) - len(one.left)
        style = {"done": "good", "ended": "quiet", "paused": "bad"}.get(one.status, "change")
        yield [
            ("strong", f"{one.id:<{width}}  "),
            (style, f"{one.status:<7}  "),
            ("", f"{over} of {len(one.members)} over  "),
            ("quiet", f"{one.path} {one.version}{_of_team(one.team)}, begun {one.began:%Y-%m-%d}"),
        ]


def status_lines(campaign: Campaign, found: Burndown) -> Iterator[Line]:
    """How far a campaign is: by wave, by team, day by day, and who is needed."""
    whole = len(campaign.members)
    yield [
        ("strong", campaign.id),
        ("", f" {standing(campaign)}"),
        ("quiet", f"  {campaign.path} {campaign.version}{_of_team(campaign.team)}"),
    ]
    if campaign.paused:
        yield [("bad", f"  paused: {campaign.paused}")]
    yield []
    yield [("good", f"  {_bar(whole - left(found.counts), whole)}"), ("", f"  {words(found.counts)}")]
    yield []
    yield [("strong", "By wave")]
    for number, counts in found.waves:
        name = f"wave {number}" if number else "none"
        yield [("", f"  {name:<10}"), ("quiet", words(counts))]
    yield []
    yield [("strong", "By team")]
    width = max((len(team) for team, _ in found.teams), default=0)
    for team, counts in found.teams:
        yield [("", f"  {team or '–':<{max(width, 8)}}  "), ("quiet", words(counts))]
    yield []
    yield [("strong", "Left at the end of the day")]
    for day in found.days[-_DAYS:]:
        yield [("quiet", f"  {day.day}  "), ("change", _bar(day.left, whole)), ("", f"  {day.left}")]
    if needed := list(_needed_lines(list(campaign.members.values()))):
        yield []
        yield [("strong", "Who is needed")]
        yield from needed


def standing(campaign: Campaign) -> str:
    """How a campaign stands, in words."""
    if campaign.ended:
        return "is done" if campaign.ended == "done" else "was ended"
    wave = f"wave {campaign.opened} of {len(campaign.waves)}"
    return f"is paused in {wave}" if campaign.paused else f"is in {wave}"


def words(counts: Counts) -> str:
    """`3 done, 1 proposed`."""
    return ", ".join(f"{number} {state.value}" for state, number in counts.items()) or "nobody"


def _needed_lines(members: Sequence[Member]) -> Iterator[Line]:
    """Every service that waits for somebody, or has failed, with why and where."""
    width = max((len(one.service) for one in members), default=0)
    for state in NEEDED:
        found = [one for one in members if one.state is state]
        for one in found[:_MOST]:
            about = "  ".join(filter(None, (one.why, "" if state is State.MERGED else one.url)))
            yield [(STYLES[state], f"  {state.value:<9}  "), ("", f"{one.service:<{width}}"), ("quiet", f"  {about}")]
        yield from _more(len(found))


def _more(number: int) -> Iterator[Line]:
    if number > _MOST:
        yield [("quiet", f"  … and {number - _MOST} more: see --json")]


def _bar(number: int, of: int) -> str:
    filled = round(_BAR * number / of) if of else 0
    return "█" * filled + "░" * (_BAR - filled)


def _of_team(team: str) -> str:
    return f", team {team}" if team else ""
