"""Text from people must not steer a terminal: what would is shown as an escape."""

from __future__ import annotations

import re
from typing import Final

_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters of C0 and C1 but for tab and line feed, and those that change the direction of writing."""


def visible(text: str) -> str:
    """The same text with control and direction characters written out: `\\x1b`."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
