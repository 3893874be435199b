"""Overrides of several files, which are one entry of the record."""

from __future__ import annotations

from datetime import date

import pytest

from platformctl import overrides
from platformctl.errors import BadConfig
from platformctl.overrides import Override

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("file", "path", "covered"),
    [
        ("Dockerfile", "Dockerfile", True),
        ("Dockerfile", "app/Dockerfile", False),
        ("app/*", "app/main.py", True),
        ("app/*", "app/telemetry/logs.py", True),
        ("app/*", "application.py", False),
        ("a[1].txt", "a[1].txt", True),
        ("*.md", "docs/a.MD", False),
        ("", "a", False),
    ],
)
def test_what_an_override_covers(file: str, path: str, covered: bool) -> None:
    assert Override("why", "me", DAY, file=file).covers(path) is covered


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"file": "app/*"}, {"file": "app/main.py"}, True),
        ({"file": "app/main.py"}, {"file": "app/*"}, True),
        ({"file": "app/*"}, {"file": "tests/*"}, False),
        ({"file": "*"}, {"input": "files.message", "value": "x"}, False),
        ({"step": "dashboard"}, {"file": "*"}, False),
        ({"step": "dashboard"}, {"input": "dashboard.service", "value": "x"}, True),
    ],
)
def test_two_overrides_of_one_thing(one: dict[str, str], other: dict[str, str], both: bool) -> None:
    about = {"why": "w", "decided_by": "me", "since": "2026-12-01"}
    entries = [{**one, **about}, {**other, **about}]
    if both:
        with pytest.raises(BadConfig, match="two overrides of one thing"):
            overrides.read(entries, "record")
    else:
        assert len(overrides.read(entries, "record")) == 2
