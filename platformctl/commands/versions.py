"""Which versions of golden paths are to be taken, and what is said of those that are not any more."""

from __future__ import annotations

from platformctl.commands.session import Session
from platformctl.errors import BadInput
from platformctl.events import Type
from platformctl.golden_path import GoldenPath


def refusal(session: Session, path: GoldenPath, version: str) -> str:
    """Why nothing is brought to a version that is withdrawn or has ended; empty for any other."""
    notice = path.notice(version)
    return notice.said(f"{path.name} {version}", session.today) if notice and notice.refused(session.today) else ""


def check_version(
    session: Session, path: GoldenPath, version: str, choice: str, *, escape: str = "", allowed: bool = False
) -> None:
    """Tell what is said of a version. Raises `BadInput` for one that is withdrawn or has ended, unless `allowed`.

    `choice` is the option that chooses another one, and `escape` the one that allows it, where there is one.
    """
    notice = path.notice(version)
    if notice is None:
        return
    said = notice.said(f"{path.name} {version}", session.today)
    if notice.refused(session.today) and not allowed:
        good = [one for one in path.offered if not refusal(session, path, one)]
        instead = f"Take {good[-1]}, with {choice} {good[-1]}" if good else "Ask who answers for it"
        raise BadInput(said, hint=f"{instead}, or this one all the same with {escape}" if escape else instead)
    session.stream().emit(Type.NOTE, message=said)
