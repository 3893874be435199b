"""HTML pages that load nothing and run nothing, and what they have in common: a look for any screen, light and dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What HTML, XML or UTF-8 do not allow, and what changes the direction of writing."""


def page(folder: Path, template: str, values: Mapping[str, Any]) -> str:
    """A template in a folder, filled in: text stays text. The same values give the same page.

    A template may extend `page.html.j2`, which has the head of the page and the style that all of them share.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, _HERE], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written_out,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)


def printable(text: str) -> str:
    """The same text with characters written out that a page cannot hold or that would reorder it: `\\x1b`."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _written_out(value: Any) -> Any:
    return value if not isinstance(value, str) or hasattr(value, "__html__") else printable(value)
