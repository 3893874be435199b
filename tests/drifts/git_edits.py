"""What people do to files that platformctl manages: in the service's repository, and in that of the environments."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from platformctl.model import Drift
from tests.drifts import people, texts
from tests.drifts.case import Kind, Planted
from tests.drifts.people import Files, Put
from tests.drifts.stand import SERVICE, Stand

_FOLDER: Final = "staging/payments-api"
_RECORD: Final = ".platformctl.yaml"
Change = Callable[[Stand, Random, str, str], Files]
"""Gives what is committed: of a repository, and a path in it."""


def _edit(edit: Callable[[bytes, Random], bytes]) -> Change:
    def change(stand: Stand, chance: Random, repository: str, path: str) -> Files:
        before = stand.content(path, repository)
        after = edit(before, chance)
        return {path: after if after != before else after + b"# by hand\n"}

    return change


def _executable(stand: Stand, chance: Random, repository: str, path: str) -> Files:
    return {path: Put(stand.content(path, repository), "100755")}


def _link(stand: Stand, chance: Random, repository: str, path: str) -> Files:
    return {path: Put(b"README.md", "120000")}


def _deleted(stand: Stand, chance: Random, repository: str, path: str) -> Files:
    return {path: None}


def _renamed(stand: Stand, chance: Random, repository: str, path: str) -> Files:
    return {path: None, f"{path}.{chance.choice(('old', 'bak', 'orig'))}": stand.content(path, repository)}


def _a_folder(stand: Stand, chance: Random, repository: str, path: str) -> Files:
    return {path: None, f"{path}/README.md": b"in parts\n"}


def _in_service(change: Change, *, of_record: bool = False, count: int = 1) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        known = sorted(path for path in stand.pristine["files/payments-api"] if of_record or path != _RECORD)
        files = {}
        for path in chance.sample(known, count):
            files |= change(stand, chance, SERVICE, path)
        stand.commit(files, chance)

    return plant


def _in_environments(change: Change, count: int = 1) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        known = sorted(stand.pristine["manifests/environments/staging/payments-api"])
        files = {}
        for path in chance.sample(known, count):
            files |= change(stand, chance, "environments", f"{_FOLDER}/{path}")
        stand.commit(files, chance, "environments")

    return plant


def _without(repository: str, under: str, but: str = "") -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        found = people.entries(stand.repository(repository), "refs/heads/main", under)
        stand.commit({f"{under}/{path}": None for path in found if path != but}, chance, repository)

    return plant


def _more_in_environments(stand: Stand, chance: Random) -> None:
    name = chance.choice(("60-job.yaml", "extra/secret.yaml", ".gitkeep", "00-namespace.yaml.bak"))
    stand.commit({f"{_FOLDER}/{name}": b"kind: ConfigMap\n"}, chance, "environments")


def _image_deleted(stand: Stand, chance: Random) -> Planted:
    """What is in it is CI's; without it, nothing can be deployed."""
    stand.commit({f"{_FOLDER}/image/kustomization.yaml": None}, chance, "environments")
    return Planted({("manifests/environments/staging/payments-api", "image/kustomization.yaml"): Drift.MISSING})


def _gone(change: Callable[[Stand], object], part: str = "") -> Callable[[Stand, Random], Planted]:
    """The record is gone, and with it whatever says what should stand."""

    def plant(stand: Stand, chance: Random) -> Planted:
        change(stand)
        everything = tuple(stand.pristine)
        return Planted({("repository/payments-api", part): Drift.MISSING}, everything)

    return plant


def _no_main(stand: Stand) -> None:
    people.git(stand.repository(), "update-ref", "-d", "refs/heads/main")


def _no_record(stand: Stand) -> None:
    people.commit(stand.repository(), {_RECORD: None}, Random(0))


def _several_commits(stand: Stand, chance: Random) -> None:
    """Somebody edits a file, and somebody else another one; the last commit is about neither."""
    for edit in chance.sample(texts.EDITS[:4], 2):
        _in_service(_edit(edit))(stand, chance)
    people.commit(stand.repository(), {"docs/notes.md": b"notes\n"}, chance)


def _forced(stand: Stand, chance: Random) -> None:
    """Somebody edits a file and rewrites the history: all of it is one commit of theirs now."""
    path = chance.choice(sorted(set(stand.pristine["files/payments-api"]) - {_RECORD}))
    people.commit(stand.repository(), {path: stand.content(path) + b"# by hand\n"}, chance)
    people.rewrite(stand.repository())


def _kinds() -> Iterator[Kind]:
    for edit in texts.EDITS:
        name = edit.__name__.replace("_", " ")
        yield Kind(f"a managed file: {name}", _in_service(_edit(edit)), "files", Drift.EDITED)
        yield Kind(f"a manifest: {name}", _in_environments(_edit(edit)), "manifests", Drift.EDITED, times=3)
    others: dict[str, Change] = {
        "made executable": _executable,
        "a link in its place": _link,
        "deleted": _deleted,
        "renamed": _renamed,
        "a folder in its place": _a_folder,
    }
    for name, change in others.items():
        of_record = change is _executable
        plant = _in_service(change, of_record=of_record)
        yield Kind(f"a managed file: {name}", plant, "files", Drift.EDITED)
        yield Kind(f"a manifest: {name}", _in_environments(change), "manifests", Drift.EDITED, times=3)
    gone = _gone(lambda stand: shutil.rmtree(stand.repository()))
    yield Kind("the repository is gone", gone, "", Drift.MISSING, times=2)
    yield Kind("main is gone", _gone(_no_main, _RECORD), "", Drift.MISSING, times=2)
    yield Kind("the record is gone", _gone(_no_record, _RECORD), "", Drift.MISSING, times=2)
    yield Kind("three managed files deleted", _in_service(_deleted, count=3), "files", Drift.EDITED)
    yield Kind("three manifests edited", _in_environments(_edit(texts.altered), count=3), "manifests", Drift.EDITED)
    yield Kind("a managed folder deleted", _without(SERVICE, "app/telemetry"), "files", Drift.EDITED, times=2)
    yield Kind("two people edit, a third goes on", _several_commits, "files", Drift.EDITED)
    yield Kind("an edit and a rewritten history", _forced, "files", Drift.EDITED)
    yield Kind("a manifest of the team's own", _more_in_environments, "manifests", Drift.EDITED)
    yield Kind("the image's file deleted", _image_deleted, "manifests", Drift.EDITED, times=3)
    yield Kind("all manifests deleted", _without("environments", _FOLDER), "manifests", Drift.EDITED, times=2)
    yield Kind(
        "all manifests but the image's deleted",
        _without("environments", _FOLDER, "image/kustomization.yaml"),
        "manifests",
        Drift.EDITED,
        times=2,
    )


KINDS: Final = tuple(_kinds())
