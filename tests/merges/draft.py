"""Words and numbers for one scenario, by chance and the same each time.

Everything that somebody writes in a scenario carries a number of four digits that stands nowhere else in it. So what
became of it can be seen in any text, whole or broken, merged or rejected.
"""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Final

from tests.merges.document import Part

NUMBER: Final = re.compile(rb"(?<!\d)\d{4}(?!\d)")
"""What everybody who writes something leaves in it."""
_STEP: Final = 3_671
"""Has no divisor in common with how many numbers there are."""
_WORDS: Final = """\
amber anchor basil beacon birch cedar cobalt comet coral delta ember falcon fern flint garnet glacier harbor
hazel heron indigo ivory jasper juniper kelp lagoon lantern linden maple marble meadow nettle opal orchard
osprey pebble pine plover quartz raven reef saffron sable sierra slate sorrel tamarin thistle topaz tundra umber
velvet walnut willow yarrow zephyr
"""


class Draft:
    """Makes what is new in a scenario."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        first = self.chance.randrange(9_000)
        self._numbers = (1_000 + (first + at * _STEP) % 9_000 for at in range(9_000))

    def number(self) -> str:
        """One that is nowhere yet."""
        return str(next(self._numbers))

    def name(self) -> str:
        """A word with a number, as it may stand in every kind of file."""
        return f"{self.chance.choice(_WORDS.split())}{self.number()}"

    def part(self) -> Part:
        """A part of a file."""
        return Part(self.name(), (self.number(), self.number()))

    def binary(self) -> bytes:
        """Something that is no text, with a number in it."""
        return b"\x89PNG\r\n\x1a\n\0" + self.number().encode() + self.chance.randbytes(400).translate(_NO_DIGITS)


_NO_DIGITS: Final = bytes(byte if byte not in b"0123456789" else 0 for byte in range(256))


def numbers(content: bytes) -> Counter[bytes]:
    """The numbers in a content, each with how often it is there."""
    return Counter(NUMBER.findall(content))
