"""What people do in git that is theirs to do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

import yaml

from platformctl import answers
from tests.drifts import people, texts
from tests.drifts.case import Kind
from tests.drifts.inventory import is_managed
from tests.drifts.people import Files, Put
from tests.drifts.stand import SERVICE, Stand

_RECORD: Final = answers.FILE
_IMAGE: Final = "staging/payments-api/image/kustomization.yaml"


def _team_files(stand: Stand) -> list[str]:
    """Files that platformctl wrote and that are the team's: seeded ones, and those that it may edit."""
    return sorted(path for path in people.entries(stand.repository()) if not is_managed(path))


def _edited(edit: Callable[[bytes, Random], bytes], count: int = 1) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        paths = chance.sample(_team_files(stand), count)
        stand.commit({path: edit(stand.content(path), chance) for path in paths}, chance)

    return plant


def _files(make: Callable[[Stand, Random], Files], repository: str = SERVICE) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: stand.commit(make(stand, chance), chance, repository)


def _renamed(stand: Stand, chance: Random) -> Files:
    path = chance.choice(_team_files(stand))
    return {path: None, f"moved/{path}": stand.content(path)}


def _executable(stand: Stand, chance: Random) -> Files:
    path = chance.choice(_team_files(stand))
    return {path: Put(stand.content(path), "100755")}


def _own(stand: Stand, chance: Random) -> Files:
    names = (
        "app/payments.py",
        "app/telemetry/ours.py",
        "tests/platform/test_ours.py",
        "a b/ü.md",
        ".github/labels.yml",
    )
    return {name: chance.choice((b"ours\n", b"", b"\0\1\2")) for name in chance.sample(names, chance.randint(1, 3))}


def _windows(stand: Stand, chance: Random) -> None:
    """Somebody on Windows clones, edits and pushes; git normalises the line ends of every file."""
    work = stand.home.parent / "clone"
    shutil.rmtree(work, ignore_errors=True)
    git = ["git", "-c", "core.autocrlf=true", "-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.org"]

    def run(*arguments: str) -> None:
        subprocess.run([*git, "-C", str(work), *arguments], check=True, capture_output=True)

    subprocess.run([*git, "clone", "-q", str(stand.repository()), str(work)], check=True, capture_output=True)
    (work / ".gitattributes").write_text(chance.choice(("* text=auto\n", "* text=auto eol=crlf\n", "*.py text\n")))
    for path in (*_team_files(stand)[:3], *stand.pristine["files/payments-api"]):
        text = (work / path).read_bytes().replace(b"\r\n", b"\n")
        (work / path).write_bytes(text.replace(b"\n", b"\r\n"))
    run("add", "--all")
    run("commit", "-q", "-m", "From Windows")
    tip = subprocess.run(
        [*git, "-C", str(work), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout
    people.git(stand.repository(), "fetch", "-q", str(work), "HEAD:refs/heads/windows")
    people.git(stand.repository(), "update-ref", "refs/heads/main", tip.strip())
    shutil.rmtree(work)


def _image(stand: Stand, chance: Random) -> Files:
    text = stand.content(_IMAGE, "environments").decode()
    return {_IMAGE: text.replace('"unreleased"', f'"sha-{chance.randrange(10**8)}"').encode()}


def _released_often(stand: Stand, chance: Random) -> None:
    for _ in range(4):
        stand.commit(_image(stand, chance), chance, "environments")


def _image_by_hand(stand: Stand, chance: Random) -> Files:
    return {_IMAGE: texts.inserted(stand.content(_IMAGE, "environments"), chance)}


def _others_manifests(stand: Stand, chance: Random) -> Files:
    return {
        "staging/orders-api/50-deployment.yaml": b"replicas: 9\n",
        "staging/billing/kustomization.yaml": b"resources: []\n",
        "production/payments-api/kustomization.yaml": b"resources: []\n",
        "README.md": b"ours\n",
    }


def _record(form: Callable[[Any, Random], str]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        whole = yaml.safe_load(stand.content(_RECORD))
        stand.commit({_RECORD: form(whole, chance).encode()}, chance)

    return plant


def _shuffled(whole: Any, chance: Random) -> str:
    def mixed(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: mixed(value[key]) for key in chance.sample(sorted(value), len(value))}

    return yaml.safe_dump(mixed(whole), sort_keys=False)


def _without_defaults(whole: Any, chance: Random) -> str:
    """What is left out is what the golden path takes when nobody says anything."""
    for name in ("language", "tier", "visibility", "depends_on"):
        if chance.random() < 0.6:
            whole["answers"].pop(name, None)
    if chance.random() < 0.5:
        whole["answers"]["slo"].pop("events_per_day", None)
    return yaml.safe_dump(whole, sort_keys=False)


_RECORDS: Final[dict[str, Callable[[Any, Random], str]]] = {
    "in another order": _shuffled,
    "quoted": lambda whole, chance: yaml.safe_dump(whole, default_style=None, sort_keys=False).replace(
        "team: payments", chance.choice(('team: "payments"', "team: 'payments'"))
    ),
    "in one line": lambda whole, chance: yaml.safe_dump(whole, default_flow_style=True, width=10**6),
    "with comments": lambda whole, chance: "# ours\n" + yaml.safe_dump(whole).replace("tier:", "# why\n  tier:", 1),
    "without its head": lambda whole, chance: yaml.safe_dump(whole, sort_keys=False),
    "without defaults": _without_defaults,
    "with the line ends of Windows": lambda whole, chance: yaml.safe_dump(whole).replace("\n", "\r\n"),
    "with numbers written otherwise": lambda whole, chance: yaml.safe_dump(whole).replace("99.5", "99.50"),
    "by another version of YAML": lambda whole, chance: "%YAML 1.1\n---\n" + yaml.safe_dump(whole),
}


def _refs(stand: Stand, chance: Random) -> None:
    """Branches and tags, one of which is called as a branch is."""
    for name in ("heads/feature/a", "heads/release", "tags/v1.0.0", "tags/main"):
        people.git(stand.repository(), "update-ref", f"refs/{name}", "refs/heads/main")
    people.commit(stand.repository(), {"CODEOWNERS": b"* @ours\n"}, chance, branch="feature/a", start="main")


def _proposal(stand: Stand, chance: Random) -> None:
    """A pull request of somebody's changes managed files, and is open."""
    path = chance.choice(sorted(stand.pristine["files/payments-api"]))
    people.commit(stand.repository(), {path: b"proposed\n"}, chance, branch="proposal")


def _empty_commits(stand: Stand, chance: Random) -> None:
    for repository in (SERVICE, "environments"):
        for _ in range(chance.randint(1, 3)):
            people.commit(stand.repository(repository), {}, chance, "Run the pipeline again")


def _taken_back(stand: Stand, chance: Random) -> None:
    path = chance.choice(sorted(set(stand.pristine["files/payments-api"]) - {_RECORD}))
    before = stand.content(path)
    people.commit(stand.repository(), {path: chance.choice(texts.EDITS)(before, chance)}, chance)
    people.commit(stand.repository(), {path: before}, chance, 'Revert "Change it"')


def _kept_house(*commands: tuple[str, ...]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        for repository in (SERVICE, "environments"):
            for command in commands:
                people.git(stand.repository(repository), *command)

    return plant


def _configured(stand: Stand, chance: Random) -> None:
    people.git(stand.repository(), "config", "gc.auto", "0")
    people.git(stand.repository(), "config", "receive.denyNonFastForwards", "true")
    (stand.repository() / "hooks" / "post-receive").write_text("#!/bin/sh\n")
    (stand.repository() / "description").write_text("payments\n")


def _kinds() -> Iterator[Kind]:
    for edit in texts.EDITS:
        name = edit.__name__.replace("_", " ")
        yield Kind(f"a file of the team's: {name}", _edited(edit), "files")
    yield Kind("six files of the team's", _edited(texts.altered, 6), "files")
    deleted = _files(lambda stand, chance: dict.fromkeys(chance.sample(_team_files(stand), 3)))
    yield Kind("files of the team's deleted", deleted, "files", times=6)
    yield Kind("a file of the team's renamed", _files(_renamed), "files")
    yield Kind("a file of the team's made executable", _files(_executable), "files", times=3)
    yield Kind("files of the team's own", _files(_own), "files", times=8)
    yield Kind("line ends that git normalises", _windows, "files", times=6)
    yield Kind("CI releases", _files(_image, "environments"), "manifests", times=6)
    yield Kind("CI releases often", _released_often, "manifests")
    yield Kind("the image's file by hand", _files(_image_by_hand, "environments"), "manifests")
    yield Kind("manifests of others", _files(_others_manifests, "environments"), "manifests")
    for name, form in _RECORDS.items():
        yield Kind(f"the record: {name}", _record(form), "move", times=4)
    yield Kind("branches and tags", _refs, "refs")
    yield Kind("an open proposal of somebody's", _proposal, "refs")
    yield Kind("empty commits", _empty_commits, "history")
    yield Kind("an edit that was taken back", _taken_back, "history", times=6)
    yield Kind("git gc", _kept_house(("gc", "-q", "--prune=now")), "house")
    yield Kind("packed refs", _kept_house(("pack-refs", "--all", "--prune")), "house")
    yield Kind("repacked objects", _kept_house(("repack", "-q", "-a", "-d"), ("prune-packed", "-q")), "house")
    yield Kind("a commit graph", _kept_house(("repack", "-qad"), ("commit-graph", "write", "--reachable")), "house")
    yield Kind("git's own settings", _configured, "house", times=3)


KINDS: Final = tuple(_kinds())
