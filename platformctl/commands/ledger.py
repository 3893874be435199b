"""A campaign's journal: what is noted in it is on disk before anything else happens, and others may note things too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from platformctl import journal
from platformctl.campaign.member import Member, State
from platformctl.campaign.story import ITSELF, Campaign, replayed
from platformctl.commands.session import Session
from platformctl.errors import BadInput, NotFound
from platformctl.events import Event, Type
from platformctl.home import sync_folder
from platformctl.journal import Journal
from platformctl.locks import Lock, held
from platformctl.model import Json

_PATIENCE: Final = 10.0
"""Seconds to wait for somebody who is writing one line."""


class Ledger:
    """One campaign with its journal."""

    def __init__(self, session: Session, file: Path) -> None:
        self._session = session
        self.file = file
        self.events, self._read = journal.of_campaign(file)
        campaign = replayed(self.events)
        assert campaign is not None
        self.campaign: Campaign = campaign

    def note(self, type_: Type, **fields: Any) -> None:
        """Add an event; it is on disk when this returns. Raises OSError when it cannot be."""
        campaign = self.campaign
        _append(self._session, _event(type_, campaign.id, campaign.path, campaign.version, fields))
        self.look_again()

    def move(self, before: Member, state: State, why: str = "", run: str = "", **facts: Json) -> None:
        """Note that a service stands otherwise, if it does."""
        before = self.campaign.members[before.service]
        known: dict[str, Json] = {"url": before.url, "team": before.team, "from": before.before}
        about = {key: facts.pop(key) for key in known if facts.get(key, known[key]) != known[key]}
        news = {key: value for key, value in facts.items() if {**known, **before.facts}.get(key) != value}
        if (state, why) == (before.state, before.why) and not about and not news and run in ("", before.run):
            return
        data = {**about, **({"facts": news} if news else {})}
        self.note(Type.CAMPAIGN_SERVICE, service=before.service, status=state.value, message=why, run=run, data=data)

    def pause(self, why: str, by: str = ITSELF) -> None:
        """Note that the campaign is paused, unless it is."""
        if not self.campaign.paused:
            self.note(Type.CAMPAIGN_PAUSED, status=by, message=why)

    def look_again(self) -> None:
        """Take in what was noted since, by whomever."""
        more, self._read = journal.of_campaign(self.file, self._read)
        for event in more:
            self.campaign.hear(event)
        self.events += more


def begin(session: Session, id_: str, path: str, version: str, data: dict[str, Json]) -> Ledger:
    """A new campaign: one line, so that there is all of it or nothing."""
    folder = session.home.campaigns
    session.home.prepare()
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    _append(session, _event(Type.CAMPAIGN_STARTED, id_, path, version, {"data": data}))
    return Ledger(session, folder / f"{id_}.ndjson")


def _event(type_: Type, id_: str, path: str, version: str, fields: dict[str, Any]) -> Event:
    return Event(type_, datetime.now(UTC), campaign=id_, path=path, version=version, **fields)


def _append(session: Session, event: Event) -> None:
    lock = session.home.locks / f"note-of-campaign-{event.campaign}"
    with (
        held(lock, f"a note of {event.campaign}", _PATIENCE),
        closing(Journal(session.home.campaigns, event.campaign)) as written,
    ):
        written(event)
    for told in session.readers:
        told(event)


def ledgers(session: Session) -> Iterator[Ledger]:
    """This organisation's campaigns, by id. Raises `BadConfig` for a damaged journal."""
    for file in sorted(session.home.campaigns.glob("*.ndjson")):
        if journal.of_campaign(file)[0]:  # a kill may have left one without a whole line
            ledger = Ledger(session, file)
            if ledger.campaign.organisation == session.organisation:
                yield ledger


def is_taken(session: Session, id_: str) -> bool:
    """Whether a campaign of this id was ever begun, by whichever organisation."""
    file = session.home.campaigns / f"{id_}.ndjson"
    return file.exists() and bool(journal.of_campaign(file)[0])


def find(session: Session, name: str = "") -> Ledger:
    """A campaign by its id or the beginning of it; without a name, the one in which something happened last.

    Raises `NotFound` or `BadInput`.
    """
    known = list(ledgers(session))
    found = [one for one in known if one.campaign.id == name] or [
        one for one in known if one.campaign.id.startswith(name)
    ]
    if not found:
        what = f"there is no campaign {name!r}" if name else "there has been no campaign yet"
        raise NotFound(what, hint="See platformctl campaign list" if known else "See platformctl upgrade --help")
    if name and len(found) > 1:
        ids = ", ".join(one.campaign.id for one in found)
        raise BadInput(f"{name!r} fits {len(found)} campaigns: {ids}", hint="Type more of it")
    return max(found, key=lambda one: one.campaign.last)


def going(session: Session, name: str) -> Ledger:
    """A campaign that is not over, by its id or the beginning of it; without a name, the only one there is.

    Raises `NotFound` or `BadInput`.
    """
    if name:
        found = find(session, name)
        if found.campaign.ended:
            raise BadInput(f"campaign {found.campaign.id} is over", hint="See platformctl campaign list")
        return found
    running = [one for one in ledgers(session) if not one.campaign.ended]
    if len(running) != 1:
        what = "no campaign is going on" if not running else "which campaign?"
        raise BadInput(what, hint="See platformctl campaign list")
    return running[0]


def alone(session: Session, what: str) -> Lock:
    """Be the only one on this machine who moves a campaign, or begins one of a golden path. Raises `Busy`."""
    session.home.prepare()
    lock = Lock(session.home.locks / f"campaign-{session.organisation}-{what}")
    lock.acquire(f"platformctl {session.command} {what}")
    return lock
