"""One thing as three sides have it: what a merge is made of, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import eq
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@dataclass(frozen=True)
class Three(Generic[T_co]):
    """One thing at the recorded version (`base`), in the service (`ours`) and at the new version (`theirs`).

    A merge takes a `Three` and gives one: what each side would have when all is settled that can be. Where the three
    are the same, that is the result; where they differ, a person has to choose.
    """

    base: T_co
    ours: T_co
    theirs: T_co

    @staticmethod
    def of(value: U) -> Three[U]:
        """The same on all sides."""
        return Three(value, value, value)

    @property
    def agreed(self) -> bool:
        """Whether nothing is in dispute."""
        return self.ours is self.base is self.theirs or self.ours == self.base == self.theirs

    def map(self, change: Callable[[T_co], U]) -> Three[U]:
        """What `change` makes of each side."""
        return Three(change(self.base), change(self.ours), change(self.theirs))

    def __iter__(self) -> Iterator[T_co]:
        return iter((self.base, self.ours, self.theirs))


def settled(three: Three[U], alike: Callable[[U, U], object] = eq) -> Three[U]:
    """What only one side has changed, or both in the same way, as the result; anything else as it was.

    Sides that are `alike` say the same, perhaps in another form: then the form is ours, unless ours is as it was.
    """
    base, ours, theirs = three
    if base == ours:
        return Three.of(theirs)
    if base == theirs or alike(base, theirs) or alike(ours, theirs):
        return Three.of(ours)
    return Three.of(theirs) if alike(base, ours) else three
