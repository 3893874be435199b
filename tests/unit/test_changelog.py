"""The changelog of a golden path: what it says of which version, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from platformctl.changelog import problems, read

TEXT = """\
# Changelog

## [Unreleased]

- Not of any version.

## [1.1.0] - 2026-12-01

### Added

- One.
* Two.
  - More about it.

```
## 9.9.9 - 2026-12-31
- Shown.
```

## Notes

- Not of it either.

## 1.0.0
"""


def test_versions_with_their_days_and_entries(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text(TEXT)
    found = [(one.version, one.line, str(one.day or ""), one.entries) for one in read(tmp_path)]
    assert found == [("1.1.0", 7, "2026-12-01", 3), ("1.0.0", 24, "", 0)]
    assert read(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("headings", "says"),
    [
        (["1.1.0 - 2026-12-01", "1.0.0 - 2026-11-01"], []),
        (["1.10.0", "1.9.0"], []),
        (["1.0.1 - 2027-01-01", "2.0.0 - 2026-12-01", "1.0.0 - 2026-11-01"], []),
        (["1.0.0", "1.1.0"], ["2: version 1.1.0 stands below 1.0.0; the newest stands first"]),
        (
            ["1.0.0 - 2026-11-01", "1.1.0 - 2026-12-01"],
            ["2: version 1.1.0 stands below 1.0.0; the newest stands first"],
        ),
        (["1.0.0", "1.0.0"], ["2: version 1.0.0 stands here a second time, after line 1"]),
        (["1.0.0 - 2026-02-30"], ["1: there is no day 2026-02-30"]),
    ],
)
def test_the_newest_stands_first(headings: list[str], says: list[str], tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("".join(f"## {heading}\n" for heading in headings))
    assert [f"{line}: {what}" for line, what in problems(read(tmp_path))] == says
