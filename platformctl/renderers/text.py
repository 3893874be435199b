"""Filters that write text from people into other languages so that it comes out as exactly that text.

Templates use them by name: `{{ cookiecutter.description | yaml }}`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

_HCL: Final = {"b": "\\u0008", "f": "\\u000c"}
"""Escapes of JSON that HCL does not know."""


def _quoted(text: object) -> str:
    """A double-quoted string with only the escapes that JSON, YAML and TOML have in common."""
    plain = json.dumps(str(text), ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def _python(text: object) -> str:
    """A string literal in double quotes, as formatters want it; emoji stay as they are."""
    return _quoted(text)


def _shell(text: object) -> str:
    return shlex.quote(str(text))


def _line(text: object) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", str(text)).split())


def _markdown(text: object) -> str:
    """Inline Markdown on one line in which nothing is markup, HTML included."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$&-])", r"\\\1", _line(text))


def _hcl(text: object) -> str:
    """A quoted HCL string in which nothing is a template."""
    known = re.sub(r"\\([bf\\])", lambda found: _HCL.get(found[1], found[0]), _quoted(text))
    return known.replace("${", "$${").replace("%{", "%%{")


FILTERS: Final[Mapping[str, Callable[[object], str]]] = {
    "yaml": _quoted,
    "json": _quoted,
    "toml": _quoted,
    "python": _python,
    "shell": _shell,
    "line": _line,
    "markdown": _markdown,
    "hcl": _hcl,
}
