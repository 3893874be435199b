"""A diagnosis as SARIF 2.1.0, the format of results that code scanning takes.

The rules are the classes of drift. A file of the service's own repository is a physical location. Anything else is a
logical one, and points at the record, which asks for it, because code scanning shows nothing that is in no file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from platformctl import __version__, answers
from platformctl.commands.diagnosis import Diagnosis, is_due
from platformctl.engine.drift import SEVERITIES, Finding
from platformctl.model import Drift, Json
from platformctl.page import printable
from platformctl.reporters.findings import MEANINGS, came_about, newer, on_purpose, one_line

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HASH: Final = "primaryLocationLineHash"
"""The fingerprint by which GitHub knows a result again; it makes one of the line unless it is given."""
_OWN: Final = "platformctl/v1"
"""The same for others, with the version of how it is made."""


def report(diagnoses: Sequence[Diagnosis], seconds: float) -> str:
    """What was found out about services, in `seconds`. The same diagnoses give the same text."""
    results = [_result(one, found) for one in diagnoses for found in one.findings]
    _fingerprint(results)
    run = {
        "tool": {"driver": {"name": "platformctl", "version": __version__, "rules": [_rule(one) for one in Drift]}},
        "invocations": [{"executionSuccessful": not any(one.unreadable for one in diagnoses)}],
        "originalUriBaseIds": {
            one.service: {"description": {"text": _text(f"The repository of {one.service}")}} for one in diagnoses
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"seconds": round(seconds, 3), "services": [_about(one) for one in diagnoses]},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(drift: Drift) -> Json:
    """A class of drift, with its help."""
    meaning = MEANINGS[drift]
    return {
        "id": _rule_id(drift),
        "name": "".join(word.capitalize() for word in drift.value.split("-")),
        "shortDescription": {"text": f"{meaning.title}."},
        "fullDescription": {"text": meaning.what},
        "help": {
            "text": f"{meaning.what} {meaning.todo}".replace("`", ""),
            "markdown": f"{meaning.what}\n\n{meaning.todo}",
        },
        "defaultConfiguration": {"level": SEVERITIES[drift].value},
        "properties": {"tags": ["drift", "platform"]},
    }


def _rule_id(drift: Drift) -> str:
    return f"drift/{drift.value}"


def _result(diagnosis: Diagnosis, found: Finding) -> dict[str, Json]:
    says = newer(found) if is_due(found) else came_about(found)
    values = {"found": found.found, "expected": found.expected}
    return {
        "ruleId": _rule_id(found.drift),
        "ruleIndex": list(Drift).index(found.drift),
        "level": found.severity.value,
        "message": {"text": _text(f"{diagnosis.service}: {found.place}: {says}")},
        "locations": [_location(diagnosis.service, found)],
        "properties": {
            "service": diagnosis.service,
            "team": diagnosis.team,
            "plane": found.plane.value,
            "step": found.step,
            **{name: value for name, value in values.items() if value},
        },
    }


def _location(service: str, found: Finding) -> Json:
    """Where it is. The region is the file's first line: what differs may be anywhere in it, or be missing."""
    own = found.address == f"files/{service}" and found.part
    file = found.part if own else answers.FILE
    place: dict[str, Json] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file, errors="backslashreplace"), "uriBaseId": service},
            "region": {"startLine": 1},
        }
    }
    if not own:
        name = f"{found.address}/{found.part}" if found.part else found.address
        place["logicalLocations"] = [{"name": found.part or found.address, "fullyQualifiedName": name}]
    return place


def _fingerprint(results: Sequence[dict[str, Json]]) -> None:
    """Give every result what it is known by in the next run: what it is about, and neither values nor people.

    Two about the same thing are numbered.
    """
    seen: Counter[str] = Counter()
    for result in results:
        where = result["locations"][0]
        place = where.get("logicalLocations", where["physicalLocation"]["artifactLocation"])
        about = json.dumps([result["ruleId"], result["properties"]["service"], place])
        digest = hashlib.sha256(about.encode()).hexdigest()[:16]
        seen[digest] += 1
        result["partialFingerprints"] = {_HASH: f"{digest}:{seen[digest]}", _OWN: f"{digest}:{seen[digest]}"}


def _about(diagnosis: Diagnosis) -> Json:
    """What else is known of a service."""
    return {
        "service": diagnosis.service,
        "path": diagnosis.path,
        "version": diagnosis.version,
        "team": diagnosis.team,
        "deviations": [one_line(on_purpose(one)) for one in diagnosis.deviations],
        "notes": list(diagnosis.notes),
    }


def _text(text: str) -> str:
    """A message: without links and placeholders, which brackets and braces would begin."""
    text = one_line(printable(text)).replace("\\", "\\\\")
    for sign in "[]":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("{", "{{").replace("}", "}}")
