"""`platformctl init`: an organisation's platform.yaml, and the repositories that every service stands on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl import config
from platformctl.commands import run
from platformctl.commands.platform_yaml import FORGES, TEMPLATE
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session, not_prepared
from platformctl.config import EMBEDDED, Config
from platformctl.document import Document
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadConfig, BadInput
from platformctl.home import write_atomically
from platformctl.inputs import problem_with
from platformctl.model import Plan
from platformctl.schemas import schema
from platformctl.wiring import ORGANISATION, Wiring

_WAIT: Final = 120.0
"""Seconds to wait for another run that is preparing the same organisation."""
_API: Final = "https://api.github.com"


@dataclass(frozen=True)
class Options:
    """What `init` was asked for."""

    organisation: str
    file: Path | None = None
    forge: str = ""
    """`local` or `github`; `local` for a new platform when it is empty."""
    api: str = ""
    """Another API than that of github.com."""


@dataclass(frozen=True)
class _Platform:
    """The platform that `init` was asked for, and the file that says so."""

    file: Path
    text: str
    """What has to be written to the file; empty when it is there."""
    session: Session


def init(options: Options, session: Session, approve: Approve) -> tuple[Path, bool, Outcome]:
    """Write platform.yaml unless it is there, and prepare the organisation; again, it changes nothing.

    Gives the file, whether it was written now, and the outcome of the run.
    """
    asked = _asked(options, session)
    if asked.text:
        session.home.prepare()
        asked.file.parent.mkdir(parents=True, exist_ok=True)
        _write_schema(asked.file.parent)
        write_atomically(asked.file, asked.text.encode())
    return asked.file, bool(asked.text), prepare(asked.session, approve)


def preview(options: Options, session: Session) -> tuple[Path, bool, Plan]:
    """The file, whether it would be written, and what `init` would do. Writes nothing."""
    asked = _asked(options, session)
    return asked.file, bool(asked.text), planning.make(_request(asked.session))


def is_used(file: Path, session: Session) -> bool:
    """Whether this is the platform.yaml that commands take as things are."""
    return file == config.place(session.home).resolve()


def _asked(options: Options, session: Session) -> _Platform:
    """Check what was asked for, and that it can be done."""
    if options.forge not in ("", *FORGES):
        raise BadInput(f"forge: there is none of kind {options.forge!r}", hint=f"Known: {', '.join(FORGES)}")
    if options.api and options.forge != "github":
        raise BadInput("--api is the address of a GitHub", hint="Give --forge github too")
    if options.forge == "github" and not options.organisation:
        raise BadInput("organisation is missing (its name on GitHub)", hint="Give it with --org")
    if options.organisation and (why := problem_with(schema("platform"), "organisation", options.organisation)):
        raise BadInput(f"organisation: {why}")
    file = (options.file or config.place(session.home)).resolve()
    text = "" if file.exists() else text_of(options)
    if text:
        found = config.of_document(Document(text, str(file)), file)
    else:
        found = config.load_file(file)
        _check_same(options, found)
    now = Session(session.home, Wiring(found, session.home), session.readers, session.command, session.stop)
    check(now)
    return _Platform(file, text, now)


def text_of(options: Options) -> str:
    """A new platform.yaml with every field that is likely to be changed."""
    organisation = options.organisation or EMBEDDED
    api = json.dumps(options.api or _API)
    parts = FORGES[options.forge or "local"]
    given = {name: part.format(organisation=organisation, api=api) for name, part in parts.items()}
    return TEMPLATE.format(schema="platform.schema.json", organisation=organisation, **given)


def _check_same(options: Options, found: Config) -> None:
    """Raise `BadConfig` when a platform.yaml that is there says something else than was asked for."""
    said = {
        "organisation": (options.organisation, found.organisation),
        "forge": (options.forge, found.data["forge"]["kind"]),
        "api": (options.api, found.data["forge"]["api"]),
    }
    for name, (asked, is_) in said.items():
        if asked not in ("", is_):
            raise BadConfig(f"this platform is of {name} {is_!r}", where=str(found.source), hint="Edit it by hand")


def check(session: Session) -> None:
    """Raise, before anything is written, `NoAccess` for a tool or a permission that is missing."""
    session.wiring.check(session.wiring.recipe(ORGANISATION), {})
    session.wiring.ports["forge"].check_access("", session.wiring.config.data["forge"]["visibility"])


def prepare(session: Session, approve: Approve | None = None) -> Outcome:
    """Bring the organisation's own repositories to what this platformctl ships."""
    request = _request(session)
    held = run.lock(session, ORGANISATION, timeout=_WAIT)
    try:
        return run.carry_out(session, request, approve or (lambda *_: True), run.unfinished(session, request))
    finally:
        held.release()


def _request(session: Session) -> Request:
    return session.request(session.wiring.recipe(ORGANISATION), {"name": ORGANISATION})


def ensure_prepared(session: Session) -> bool:
    """Prepare the embedded platform on first use; whether it was done now.

    Raises `BadConfig` for an organisation of its own that is not prepared: that is `init`'s to do.
    """
    if session.wiring.prepared:
        return False
    if session.wiring.config.source is not None:
        session.wiring.ports["forge"].check_access("")  # what is not seen may be there
        raise not_prepared(session.wiring.config)
    check(session)
    quiet = Session(session.home, session.wiring, (), "init", session.stop)
    prepare(quiet)
    return True


def _write_schema(folder: Path) -> None:
    target = folder / "platform.schema.json"
    write_atomically(target, (json.dumps(schema("platform"), indent=2) + "\n").encode())
