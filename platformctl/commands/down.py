"""`platformctl down`: ends what `up` has started, wherever that runs."""

from __future__ import annotations

from platformctl.commands.session import Session, service_here
from platformctl.errors import BadInput
from platformctl.stack.staging import Staging


def down(service: str, session: Session) -> tuple[str, bool]:
    """The service's name, and whether it was up. Without a name: the clone's, else the only one that is up.

    Raises `BadInput` when it cannot be told which is meant, `ToolFailed` when it does not end.
    """
    up = Staging.services(session.home.path, session.organisation)
    name = service or _meant(up)
    return name, name in up and Staging(session.home.path, session.organisation, name).end()


def _meant(up: list[str]) -> str:
    try:
        return service_here()
    except BadInput:
        if len(up) == 1:
            return up[0]
        raise BadInput("which service?", hint=f"Up are: {', '.join(up)}" if up else "None is up") from None
