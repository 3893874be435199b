"""A rehearsal, and how far a campaign is, as GitHub's Markdown: for an issue or the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformctl.campaign.burndown import Burndown, left
from platformctl.campaign.rehearsed import Verdict
from platformctl.campaign.story import Campaign
from platformctl.commands.rehearsal import Rehearsal
from platformctl.reporters.campaign_lines import NEEDED, in_short, standing, waves_of, what_of, words
from platformctl.reporters.markdown import MOST, bounded, cell, code

_TOLD = (
    Verdict.CONFLICTS,
    Verdict.BLOCKED,
    Verdict.UNREADABLE,
    Verdict.DECLINED,
    Verdict.PROPOSED,
    Verdict.MERGES,
    Verdict.CLEAN,
)
"""Verdicts of which each service has a row, in the order in which people want to see them."""


def rehearsal(found: Rehearsal) -> str:
    """What an upgrade of every service would do."""
    target = found.target
    parts = [f"**Rehearsal of {code(f'{target.path} {target.version}')}.** {in_short(found)}."]
    parts += [f"{waves_of(found)}."] if found.waves.names else []
    told = sorted(found.having(*_TOLD), key=lambda one: (_TOLD.index(one.verdict), one.service))
    rows = [
        f"| {one.verdict.value} | {cell(one.service)} | {cell(one.team)} | {one.before or '–'} | {one.files or ''} "
        f"| {cell(what_of(one))} |"
        for one in told
    ]
    return _document(parts, "| | Service | Team | From | Files | |\n|---|---|---|---|---:|---|", rows)


def status(campaign: Campaign, found: Burndown) -> str:
    """How far a campaign is."""
    whole = len(campaign.members)
    over = whole - left(found.counts)
    about = f"{code(campaign.id)} {standing(campaign)}: {over} of {whole} over ({words(found.counts)})."
    parts = [f"**{about}**"] + ([f"Paused: {code(campaign.paused)}"] if campaign.paused else [])
    parts.append("\n".join(_counts("Wave", [(str(number or "–"), words(counts)) for number, counts in found.waves])))
    parts.append("\n".join(_counts("Team", [(code(team), words(counts)) for team, counts in found.teams])))
    parts.append("\n".join(_counts("Day", [(str(one.day), f"{one.left} left") for one in found.days])))
    members = sorted(campaign.members.values(), key=lambda one: one.service)
    rows = [
        f"| {state.value} | {cell(one.service)} | {cell(one.team)} | {cell(one.why)} | {cell(one.url)} |"
        for state in NEEDED
        for one in members
        if one.state is state
    ]
    return _document(parts, "| | Service | Team | Why | Where |\n|---|---|---|---|---|", rows)


def _counts(head: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from (f"| {head} | |", "|---|---|")
    yield from (f"| {name} | {counts} |" for name, counts in rows)


def _document(parts: Sequence[str], head: str, rows: Sequence[str]) -> str:
    table = [bounded([head, *rows], MOST - sum(map(len, parts)), "\n", "--json")] if rows else []
    return "\n\n".join([*parts, *table]) + "\n"
