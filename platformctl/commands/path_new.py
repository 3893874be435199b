"""`platformctl path new`: the beginning of a golden path, which lint and its own test pass at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from platformctl.commands import skeleton
from platformctl.commands.session import Session
from platformctl.errors import BadInput
from platformctl.inputs import problem_with
from platformctl.schemas import schema


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    name: str
    title: str
    owner: str
    folder: Path | None = None
    """Where golden paths are; the platform's own, else the working folder."""


@dataclass(frozen=True)
class Begun:
    """A golden path that was begun, in `folder`; `offered` when the platform finds it there."""

    folder: Path
    offered: bool
    files: tuple[str, ...]


def reject(field: str, text: str) -> str:
    """Why a text cannot be the `name`, `title` or `owner` of a golden path, or an empty string."""
    if not text.isprintable():
        return f"{text!r} is not one line of plain text"
    return problem_with(schema("path"), field, text.strip())


def new(options: Options, session: Session) -> Begun:
    """Write the skeleton of a golden path, all of it or nothing.

    Raises `BadInput` for a text that cannot be used, and when there is something of this name already.
    """
    texts = {field: getattr(options, field).strip() for field in ("name", "title", "owner")}
    for field, text in texts.items():
        if why := reject(field, text):
            raise BadInput(f"{field}: {why}")
    own = session.wiring.config.golden_paths
    root = (options.folder or (own[0] if own else Path.cwd())).expanduser().absolute()
    place = root / texts["name"]
    if place.exists() or place.is_symlink():
        raise BadInput("there is something here already", where=str(place), hint="Choose another name or --folder")
    files = skeleton.files(**texts, today=session.today)
    draft = root / f".{texts['name']}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for name, text in files.items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        draft.rename(place)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Begun(place, root.resolve() in own, tuple(sorted(files)))
