"""Between two waves: whether the next one may begin, and whether so much has failed that a person has to look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from platformctl.campaign.member import SETTLED
from platformctl.campaign.story import Campaign


class Word(StrEnum):
    """What a gate says."""

    OPEN = "open"
    """The next wave may begin, or nothing is left to wait for."""
    SHUT = "shut"
    """The wave is not over."""
    REST = "rest"
    """The waves that were asked for are over, and the rest begins when a person says so."""
    PAUSE = "pause"
    """Too much has failed: nothing more until a person has looked at it."""


@dataclass(frozen=True)
class Gate:
    """What a gate says, and why."""

    word: Word
    why: str = ""


def gate(campaign: Campaign) -> Gate:
    """The gate behind the last wave that has begun."""
    if why := too_many_failures(campaign):
        return Gate(Word.PAUSE, why)
    wave = campaign.opened
    if wave > campaign.passed:
        waiting = [one for one in campaign.in_wave(wave) if one.state not in SETTLED]
        if waiting:
            return Gate(Word.SHUT, f"{len(waiting)} of wave {wave} are not over")
        if campaign.rest and wave == len(campaign.waves) - 1:
            return Gate(Word.REST, "the waves that were asked for are over; the rest begins when you say so")
    return Gate(Word.OPEN)


def too_many_failures(campaign: Campaign) -> str:
    """Why the campaign has to pause, named by the first wave of which too many have failed; empty where none has."""
    for number in range(1, campaign.opened + 1):
        failed, size = campaign.failed(number), len(campaign.in_wave(number))
        if len(failed) * 100 > campaign.failures * size:
            first = failed[0]
            share = f"{len(failed)} of {size} in wave {number} failed, and {campaign.failures}% may"
            return f"{share}; first {first.service}: {first.why or first.state.value}"
    return ""
