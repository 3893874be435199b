"""What can go wrong, as one tree: each class has one exit code and says who can mend it.

An error is written for its reader: what failed, where, and what to do next. Nothing here prints.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Cause(StrEnum):
    """Who can mend it, so that success rates of users, recipes, platform and third parties can be told apart."""

    USER = "user"
    RECIPE = "recipe"
    PLATFORM = "platform"
    THIRD_PARTY = "third_party"


class Failure(Exception):  # noqa: N818 - the base of a tree of conditions, not one error
    """A failure that a person can act on.

    `what` failed, `where` (a file with its line, an address; may be empty), and `hint`: what to do next.
    `transient` failures may pass by themselves and are retried within bounds.
    """

    exit_code: ClassVar[int] = 1
    cause: Cause = Cause.PLATFORM

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        cause: Cause | None = None,
        transient: bool = False,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        self.transient = transient
        if cause is not None:
            self.cause = cause

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        stop = "" if text.endswith(("?", ".")) else "."
        return f"{text}{stop} {self.hint}" if self.hint else text


class BadInput(Failure):
    """A name, option or answer that cannot be used."""

    exit_code = 2
    cause = Cause.USER


class BadConfig(Failure):
    """`platform.yaml`, `.platformctl.yaml` or the home folder cannot be used as it is."""

    exit_code = 2
    cause = Cause.PLATFORM


class BadRecipe(Failure):
    """A golden path that its author has to mend."""

    cause = Cause.RECIPE


class NotFound(Failure):
    """Something was named that does not exist."""

    exit_code = 2
    cause = Cause.USER


class Taken(Failure):
    """An address is in use by something that is not this service's."""

    cause = Cause.USER


class Busy(Failure):
    """Somebody else is at work on the same service."""

    cause = Cause.USER


class Moved(Failure):
    """The world is not what was observed: compare-and-swap lost, and nothing was overwritten."""

    cause = Cause.USER


class Protected(Failure):
    """A branch does not take this credential's commits: what should change there has to be proposed."""

    cause = Cause.USER


class NotConverged(Failure):
    """A change was applied and the world still differs from what was asked for."""


class ToolFailed(Failure):
    """A program or service that we stand on failed."""

    cause = Cause.THIRD_PARTY


class NoAccess(Failure):
    """A credential or a tool is missing."""

    exit_code = 4
    cause = Cause.USER


class Interrupted(Failure):
    """Stopped by the person or by CI."""

    exit_code = 130
    cause = Cause.USER
