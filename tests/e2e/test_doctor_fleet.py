"""`doctor --all` in bad weather: what is wrong with one service is said of it, and keeps nobody else waiting."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import fleet
from tests.e2e.sandbox import Done, Pristine, World, ended, row

FILES = ("--plane", "developer", "--plane", "security")
"""What needs no Terraform."""


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    world = World(tmp_path_factory.mktemp("twenty"))
    fleet.build(world, 20)
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def shop(twenty: Pristine) -> World:
    """Twenty services of four teams, all as they should be."""
    return twenty.restored()


def repository(world: World, number: int) -> Path:
    return world.home / "forge" / "local" / f"{fleet.name(number)}.git"


def looked(done: Done) -> dict[str, Any]:
    """What `--json` ended with."""
    last = json.loads(done.out.splitlines()[-1])
    assert last["type"] == "result", last
    data: dict[str, Any] = last["data"]
    return data


def reasons(data: dict[str, Any]) -> dict[str, str]:
    """Why services could not be read, by service."""
    return {
        one["service"]: found["reason"]
        for one in data["services"]
        for found in one["findings"]
        if found["class"] == "unreadable"
    }


def drifted(data: dict[str, Any]) -> dict[str, list[str]]:
    return {
        one["service"]: [found["address"] for found in one["findings"] if found["class"] != "unreadable"]
        for one in data["services"]
        if one["drift"]
    }


# What can be wrong with a service


def hangs(world: World, number: int) -> None:
    """A file that never answers whoever opens it."""
    file = repository(world, number) / "refs" / "heads" / "main"
    file.unlink()
    os.mkfifo(file)


def terraform_hangs(world: World, service: str) -> None:
    """Terraform never ends its plan, and has started another program."""
    variables = f'grep -q {service} "${{word#-var-file=}}" && {{ sleep 300 & wait; }}'
    world.shim(f'for word in "$@"; do case "$word" in -var-file=*) {variables};; esac; done')


def no_branch(world: World, number: int) -> None:
    (repository(world, number) / "refs" / "heads" / "main").write_bytes(b"\0" * 41)


def no_settings(world: World, number: int) -> None:
    (repository(world, number) / "platformctl.json").write_text("{")


def settings_of_nobody(world: World, number: int) -> None:
    """What cannot be read, by whoever runs this: root may read what nobody may."""
    file = repository(world, number) / "platformctl.json"
    file.unlink()
    file.mkdir()


def settings_that_never_come(world: World, number: int) -> None:
    """Who lists all services opens this file, and must not wait for it."""
    file = repository(world, number) / "platformctl.json"
    file.unlink()
    os.mkfifo(file)


def no_record(world: World, number: int) -> None:
    world.overwrite(fleet.name(number), "refs/heads/main", ".platformctl.yaml", b"schema: [\n")


def record_of_another(world: World, number: int) -> None:
    record = world.git(fleet.name(number), "show", "main:.platformctl.yaml")
    world.overwrite(fleet.name(number), "refs/heads/main", ".platformctl.yaml", record.replace("shop", "shed").encode())


def broken(what: str, content: bytes | None) -> Callable[[World, int], None]:
    """One of git's objects is damaged, or gone."""

    def breaks(world: World, number: int) -> None:
        folder = repository(world, number)
        packs = [pack.read_bytes() for pack in folder.glob("objects/pack/*.pack")]
        for file in folder.glob("objects/pack/*"):
            file.unlink()
        for pack in packs:
            world.git(fleet.name(number), "unpack-objects", "-q", stdin=pack)
        name = world.git(fleet.name(number), "rev-parse", what)
        file = folder / "objects" / name[:2] / name[2:]
        file.chmod(0o644)
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)

    return breaks


UNREADABLE = {
    "the branch is damaged": (no_branch, "this branch is damaged"),
    "the settings are damaged": (no_settings, "platformctl.json: this file is damaged"),
    "the settings cannot be opened": (settings_of_nobody, "platformctl.json: Is a directory"),
    "the settings never come": (settings_that_never_come, "platformctl.json: this file is damaged"),
    "the record is damaged": (no_record, ".platformctl.yaml:"),
    "the record is another's": (record_of_another, "it is the record of 'shed"),
}
CORRUPT = {
    "the commit is gone": (broken("main", None), "git"),
    "the commit is damaged": (broken("main", b"damaged"), "git"),
    "the tree is empty": (broken("main^{tree}", b""), "git"),
    "a folder is gone": (broken("main:app", None), "git"),
    "the record's file is gone": (broken("main:.platformctl.yaml", None), "git"),
}


@pytest.mark.parametrize(("breaks", "says"), [row(what, *values) for what, values in {**UNREADABLE, **CORRUPT}.items()])
def test_one_is_named_and_the_others_are_right(shop: World, breaks: Callable[[World, int], None], says: str) -> None:
    breaks(shop, 7)
    done = shop.run("doctor", "--all", "--json", *FILES)
    data = looked(done)
    assert done.code == 1
    assert list(reasons(data)) == ["shop-007"] and says in reasons(data)["shop-007"]
    assert len(data["services"]) == 20 and drifted(data) == {}
    alone = shop.run("doctor", "shop-007", *FILES)
    assert alone.code in (1, 2) and ("unreadable" in alone.out or alone.message)


def test_all_of_it_at_once_on_all_planes(shop: World) -> None:
    """Some drift, some cannot be read, some are corrupt, some hang; nothing waits longer than it was told to."""
    weather = [breaks for breaks, _ in {**UNREADABLE, **CORRUPT}.values()] + [hangs] * 3
    for number, breaks in enumerate(weather, 1):
        breaks(shop, number)
    (repository(shop, 15) / "hooks" / "pre-receive").unlink()
    shop.overwrite("shop-016", "refs/heads/main", "CODEOWNERS", b"* @nobody\n")
    began = time.monotonic()
    done = shop.run("doctor", "--all", "--json", "--timeout", "8")
    seconds = time.monotonic() - began
    data = looked(done)
    assert done.code == 3, "drift wins"
    assert sorted(reasons(data)) == [fleet.name(number) for number in range(1, 15)]
    assert [name for name, why in reasons(data).items() if "no answer within 8 s" in why] == [
        "shop-012",
        "shop-013",
        "shop-014",
    ]
    assert drifted(data) == {
        "shop-015": ["branch_protection/shop-015/main"],
        "shop-016": ["files/shop-016"],
    }
    assert (len(data["services"]), data["drifted"], data["unreadable"]) == (20, 2, 14)
    assert seconds < 3 * 8, "they were waited for one after the other"
    assert shop.processes() == []
    shown = shop.run("doctor", "--all", "--timeout", "2", *FILES)
    assert shown.code == 3
    assert "! shop-012  " in shown.out and "unreadable: it gave no answer within 2 s" in shown.out
    assert "20 services in " in shown.out and "4 as they should be, 2 drifted, 14 not read." in shown.out


def test_a_program_that_hangs_is_ended_with_its_service(shop: World) -> None:
    terraform_hangs(shop, "shop-003")
    done = shop.run("doctor", "--all", "--json", "--timeout", "6")
    data = looked(done)
    assert done.code == 1 and list(reasons(data)) == ["shop-003"] and drifted(data) == {}
    assert shop.processes() == [] and list(shop.tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "services"),
    [
        row("team", ("--team", "crew-2"), ["shop-002", "shop-006"]),
        row("other team", ("--team", "crew-1"), ["shop-005"]),
        row("path", ("--path", "service"), ["shop-002", "shop-005", "shop-006"]),
        row("other path", ("--path", "worker"), []),
        row("severity", ("--all", "--severity", "error"), ["shop-006"]),
        row("plane", ("--all", "--plane", "security"), ["shop-006"]),
    ],
)
def test_what_is_asked_for_is_looked_at(shop: World, flags: tuple[str, ...], services: list[str]) -> None:
    for number in (2, 5):
        shop.overwrite(fleet.name(number), "refs/heads/main", "CODEOWNERS", b"* @nobody\n")
    (repository(shop, 6) / "hooks" / "pre-receive").unlink()
    done = shop.run("doctor", "--json", *flags, *(FILES if "--plane" not in flags else ()))
    assert done.code == (3 if services else 0)
    assert sorted(drifted(looked(done))) == services


def test_one_that_cannot_be_read_is_its_teams_by_the_catalog(shop: World) -> None:
    no_record(shop, 7)
    data = looked(shop.run("doctor", "--team", "crew-3", "--json", *FILES))
    assert list(reasons(data)) == ["shop-007"]
    assert reasons(looked(shop.run("doctor", "--team", "crew-1", "--json", *FILES))) == {}


# How far it is, and how it ends


def at_a_terminal(world: World, *arguments: str) -> Iterator[bytes]:
    """What a terminal is sent on standard error, piece by piece; the exit code comes last."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in world.environment().items() if key not in ("CI", "NO_COLOR")}
    command = [sys.executable, "-m", "platformctl", *arguments]
    options: dict[str, Any] = {"cwd": world.work, "env": environment | {"TERM": "xterm-256color", "COLUMNS": "100"}}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, **options) as process:
        os.close(theirs)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # what a terminal says when nobody has it any more
                break
            if not piece:
                break
            yield piece
    os.close(ours)
    yield str(process.returncode).encode()


def test_people_see_how_far_it_is(shop: World) -> None:
    (repository(shop, 6) / "hooks" / "pre-receive").unlink()
    *pieces, code = at_a_terminal(shop, "doctor", "--all")
    said = b"".join(pieces).decode()
    assert code == b"3"
    assert "looking" in said and "20/20" in said and "1 drifted" in said
    assert said.rstrip().endswith("1 drifted.\x1b[0m") or "20 services in" in said.splitlines()[-1]
    assert "\x1b[?25h" in said, "the cursor is shown again"


def test_logs_have_one_line_and_machines_none(shop: World) -> None:
    assert shop.run("doctor", "--all", *FILES).err == "looked at 20 services: 0 drifted\n"
    done = shop.run("doctor", "--all", "--json", *FILES)
    assert done.err == "" and all(json.loads(line) for line in done.out.splitlines())


def interrupted(world: World, until: Callable[[World], bool], *arguments: str) -> tuple[Done, float]:
    """Press Ctrl-C, which a terminal sends to everybody, once something is so; gives how long the end took."""
    with world.start("doctor", "--all", *arguments, start_new_session=True) as process:
        while not until(world):
            time.sleep(0.01)
            assert process.poll() is None
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        return ended(process), time.monotonic() - began


def has(word: str, least: int = 1) -> Callable[[World], bool]:
    return lambda world: sum(word in command for command in world.processes()) >= least


@pytest.mark.parametrize(
    "until",
    [row("processes begin", has("spawn_main")), row("a program hangs", has("sleep 300"))],
)
@pytest.mark.parametrize("how", [(), ("--json",)], ids=["lines", "json"])
def test_ctrl_c_ends_it_at_once_and_leaves_nobody(
    shop: World, until: Callable[[World], bool], how: tuple[str, ...]
) -> None:
    terraform_hangs(shop, "shop-00")
    done, seconds = interrupted(shop, until, *how)
    assert done.code == 130 and seconds < 3
    assert done.err == "platformctl: stopped\n" and list(shop.tmp.iterdir()) == []
    wait = time.monotonic() + 5
    while shop.processes() and time.monotonic() < wait:
        time.sleep(0.05)
    assert shop.processes() == []


def test_a_kill_leaves_nobody_either(shop: World) -> None:
    terraform_hangs(shop, "shop-00")
    with shop.start("doctor", "--all") as process:
        while not has("sleep 300")(shop):
            time.sleep(0.01)
            assert process.poll() is None
        process.kill()
        process.communicate()
    wait = time.monotonic() + 5
    while shop.processes() and time.monotonic() < wait:
        time.sleep(0.05)
    assert shop.processes() == []


@pytest.mark.slow
def test_two_hundred_services_in_bad_weather(tmp_path: Path) -> None:
    shop = World(tmp_path)
    fleet.build(shop, 200, terraform=False)
    unreadable, corrupt = range(10, 20), range(30, 35)
    for number, (breaks, _) in zip(unreadable, [*UNREADABLE.values()] * 2, strict=False):
        breaks(shop, number)
    for number, (breaks, _) in zip(corrupt, CORRUPT.values(), strict=True):
        breaks(shop, number)
    for number in (50, 100, 150):
        hangs(shop, number)
    (repository(shop, 199) / "hooks" / "pre-receive").unlink()
    began = time.monotonic()
    done = shop.run("doctor", "--all", "--json", "--timeout", "10", *FILES)
    seconds = time.monotonic() - began
    data = looked(done)
    assert done.code == 3
    assert sorted(reasons(data)) == [fleet.name(number) for number in (*unreadable, *corrupt, 50, 100, 150)]
    assert drifted(data) == {"shop-199": ["branch_protection/shop-199/main"]}
    assert len(data["services"]) == 200 and shop.processes() == []
    assert seconds < 25, "those that hang were waited for one after the other"
