"""Golden paths as real files in a folder of a test's own, and sessions that know them, on a day that the test names."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from platformctl.commands import skeleton
from platformctl.commands.session import Session
from platformctl.config import Config, load
from platformctl.golden_path import GoldenPath
from platformctl.home import Home
from platformctl.wiring import Wiring

TODAY: Final = date(2026, 11, 30)
NAME: Final = "library"
FIRST: Final = skeleton.VERSION


@dataclass
class Paths:
    """A folder with the golden path `library`, as `path new` begins it, without its pytest."""

    root: Path

    def __post_init__(self) -> None:
        for name, text in skeleton.files(NAME, "A library", "platform", TODAY).items():
            if not name.startswith("tests/test_"):
                file = self.folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")

    @property
    def folder(self) -> Path:
        return self.root / NAME

    def session(self, today: date = TODAY, **platform: Any) -> Session:
        """A session that reads everything anew."""
        home = Home(self.root.parent / "home")
        whole = load(home).data | {"golden_paths": [str(self.root)], **platform}
        return Session(home, Wiring(Config(whole, None), home), (), "path", today=today)

    def path(self) -> GoldenPath:
        return self.session().wiring.golden_path(NAME)

    def copy(self, version: str, *changes: str, before: str = FIRST) -> Path:
        """Another version, with changes of its recipe as `edit` takes them, and its heading in the changelog."""
        folder = self.folder / version
        shutil.copytree(self.folder / before, folder)
        self.edit(f"{version}/recipe.yaml", f"version: {before}=>version: {version}", *changes)
        self.log(version)
        return folder

    def edit(self, name: str, *changes: str) -> None:
        """Replace texts of a file, each of which must be there, as `old=>new`."""
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        for change in changes:
            old, _, new = change.partition("=>")
            assert old in text, f"{old!r} is not in {name}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")

    def log(self, version: str, day: date | str = TODAY, entry: str = "- Something.") -> None:
        """Put a heading before all others of the changelog."""
        file = self.folder / "CHANGELOG.md"
        head, _, rest = file.read_text(encoding="utf-8").partition("## ")
        file.write_text(f"{head}## {version} - {day}\n\n{entry}\n\n## {rest}", encoding="utf-8")

    def say(self, **fields: Any) -> None:
        """Set fields of path.yaml."""
        file = self.folder / "path.yaml"
        whole = yaml.safe_load(file.read_text(encoding="utf-8")) | fields
        file.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
