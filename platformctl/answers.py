"""`.platformctl.yaml`: the golden path, its version and the answers that a service was made with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from platformctl import overrides
from platformctl.document import Document
from platformctl.errors import BadConfig
from platformctl.model import Json
from platformctl.overrides import Override
from platformctl.schemas import schema

FILE: Final = ".platformctl.yaml"

_HEAD: Final = """\
# What this service was made with. Change an answer with
#   platformctl configure {service} --set key=value
# and see whether the world still agrees with
#   platformctl doctor {service}
"""


_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    """Quotes text with line ends that YAML readers fold away."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _LINE_ENDS.search(text) else None)


_Dumper.add_representer(str, _text)


@dataclass(frozen=True)
class Answers:
    """The record in a service's repository; everything else follows from it."""

    service: str
    path: str
    version: str
    answers: Mapping[str, Json]
    overrides: tuple[Override, ...] = ()

    def to_text(self) -> str:
        """The file's text: the same record gives the same bytes."""
        record = {
            "schema": 1,
            "service": self.service,
            "path": self.path,
            "version": self.version,
            "answers": dict(self.answers),
            **({"overrides": [override.to_record() for override in self.overrides]} if self.overrides else {}),
        }
        body = yaml.dump(record, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
        return _HEAD.format(service=self.service) + body

    def says(self, asked: Answers, before: Answers) -> bool:
        """Whether this, however it is written, asks for the same as `asked`.

        What is left out here is as `before` has it: with the answers that it was completed by.
        """
        about = (self.service, self.path, self.version, [one.to_record() for one in self.overrides])
        asked_about = (asked.service, asked.path, asked.version, [one.to_record() for one in asked.overrides])
        return about == asked_about and _completed(self.answers, before.answers) == dict(asked.answers)


def _completed(given: Mapping[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    whole = {**known, **given}
    for name in known.keys() & given.keys():
        if isinstance(known[name], Mapping) and isinstance(given[name], Mapping):
            whole[name] = _completed(given[name], known[name])
    return whole


def read(content: bytes, source: str) -> Answers:
    """Read the record. Raises `BadConfig` with file and line when it cannot be used."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadConfig("not UTF-8 text", where=source) from None
    document = Document(text, source)
    document.check(schema("answers"))
    data = document.data
    given = overrides.read(data.get("overrides", ()), source, lambda at: document.where("overrides", at))
    return Answers(data["service"], data["path"], data["version"], data["answers"], given)
