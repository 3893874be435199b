"""Binary files, of which nobody can merge anything: one side's, or a person says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from platformctl.model import File
from tests.merges.draft import Draft
from tests.merges.scenario import Clash, Right, Scenario, Wanted

_PATH: Final = "assets/logo.png"


@dataclass(frozen=True)
class Act:
    """What one side does."""

    name: str
    path: str | None = _PATH
    replaces: bool = False
    mode: bool = False


EDITS: Final = (
    Act("nothing"),
    Act("replaced", replaces=True),
    Act("deleted", path=None),
    Act("renamed", path="assets/team.png"),
    Act("the mode changed", mode=True),
    Act("replaced by a text", replaces=True),
)
CHANGES: Final = (
    Act("nothing"),
    Act("replaced", replaces=True),
    Act("deleted", path=None),
    Act("renamed", path="assets/path.png"),
    Act("the mode changed", mode=True),
)


def scenario(edit: Act, change: Act, draft: Draft) -> Scenario:
    """What comes of one act by each side."""
    old = draft.binary()
    ours, theirs = _acted(old, edit, draft), _acted(old, change, draft)
    rights, clash = _outcome(edit, change, ours, theirs, old)
    return Scenario(
        f"binary: {edit.name} × {change.name}",
        "binary",
        edit.name,
        change.name,
        {_PATH: File(old)},
        {edit.path: ours} if edit.path else {},
        {change.path: theirs} if change.path else {},
        rights,
        clash,
    )


def same(draft: Draft) -> Scenario:
    """Both sides have put the same in its place."""
    old, new = File(draft.binary()), File(draft.binary())
    right = Right({_PATH: Wanted((new.content,))})
    tree = {_PATH: new}
    return Scenario(
        "binary: replaced × replaced, the same",
        "binary",
        "replaced",
        "replaced",
        {_PATH: old},
        tree,
        tree,
        (right,),
    )


def _acted(old: bytes, act: Act, draft: Draft) -> File:
    new = f"see {draft.number()}\n".encode() if "text" in act.name else draft.binary()
    return File(new if act.replaces else old, act.mode)


def _outcome(edit: Act, change: Act, ours: File, theirs: File, old: bytes) -> tuple[tuple[Right, ...], Clash]:
    if edit.path is None:
        quiet = change.path is None or change.name == "nothing"
        return (Right({}),), Clash.NEVER if quiet else Clash.ALLOWED
    if change.path is None:
        if edit.name == "nothing":
            return (Right({}),), Clash.NEVER
        stays = Wanted((ours.content,), executable=ours.executable)
        right = Right({edit.path: stays}, frozenset({edit.path}))
        return (right, Right({})) if edit.mode else (right,), Clash.ALLOWED
    if edit.replaces and change.replaces:
        return (), Clash.INEVITABLE
    content = ours.content if edit.replaces else theirs.content
    place = edit.path if edit.path != _PATH else change.path
    apart = edit.path != _PATH and change.path != _PATH
    found_again = (edit.replaces or change.replaces) and (edit.path != _PATH or change.path != _PATH)
    right = Right({place: Wanted((content,), executable=ours.executable or theirs.executable)})
    return (right,), Clash.ALLOWED if apart or found_again else Clash.NEVER
