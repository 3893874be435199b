"""What Terraform says of a backend that teams share, as failures that say what to do."""

from __future__ import annotations

import re
from typing import Final

from platformctl.errors import Busy, Failure, Moved, NoAccess, ToolFailed

_CREATING: Final = re.compile(r'workspace creation|unique constraint "pg_|tuple concurrently updated', re.IGNORECASE)
"""Terraform's pg backend creates one workspace at a time in a database and does not wait: hashicorp/terraform#33217.
Who first uses a database makes its schema and table too, and PostgreSQL lets only one at once do that."""
_NO_TABLE: Final = re.compile(r'pq: relation ".*" does not exist')
_LOCKED: Final = re.compile(r"acquiring the state lock|state is already locked|Error locking state", re.IGNORECASE)
_WHO: Final = re.compile(r"Who: (\S+)")
_NAMING_THE_ASKER: Final = ("pg", "http")
"""Backends that give the asker's name for the holder's."""
_STALE: Final = "Saved plan is stale"
_MOVED: Final = re.compile(r"cannot (import|overwrite) .*state|is not empty|currently tracking", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"authentication failed|permission denied|No valid credential|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|ExpiredToken|StatusCode: (401|403)|Unauthorized|Forbidden",
    re.IGNORECASE,
)
_PLACE: Final = "terraform.backend in platform.yaml says where it is and how it is reached"


def is_creating(failure: Failure) -> bool:
    """Whether another workspace, or the first, is being created at this instant, which passes."""
    return bool(_CREATING.search(failure.what))


def has_no_table(failure: Failure) -> bool:
    """Whether nothing was ever stored in this database."""
    return bool(_NO_TABLE.search(failure.what))


def of_apply(failure: ToolFailed, name: str, kind: str) -> Failure:
    """A failure of a command that may run the module too, whose own failures stay as they are."""
    if _LOCKED.search(failure.what):
        who = None if kind in _NAMING_THE_ASKER else _WHO.search(failure.what)
        return Busy(
            f"Terraform's state of {name} is locked by {who[1] if who else 'a run on another machine'}",
            hint="Run this again when that run has ended; a lock that a killed run left has to be removed first",
            transient=True,
        )
    return moved(name) if _STALE in failure.what else failure


def of_backend(failure: ToolFailed, name: str, kind: str) -> Failure:
    """A failure of a command that does nothing but reach the backend."""
    if _MOVED.search(failure.what):
        return moved(name)
    said = failure.what.partition(": ")[2].removeprefix("Failed to get existing workspaces: ")
    if _REFUSED.search(failure.what):
        return NoAccess(f"Terraform's state in {kind} refused us: {said}", hint=_PLACE)
    return ToolFailed(f"Terraform's state in {kind} cannot be reached: {said}", hint=_PLACE)


def moved(name: str) -> Moved:
    """Somebody else's change came first."""
    return Moved(f"workspace {name} was changed meanwhile")
