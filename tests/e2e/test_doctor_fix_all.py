"""`doctor --all --fix`: what has drifted is put right service by service, and what is a team's own is never touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.locks import Lock
from tests.e2e import fleet
from tests.e2e.sandbox import Done, Pristine, World, changed, row

DASHBOARD: Final = "grafana/local/dashboards/team-{team}/svc-{name}.json"
NOT_WORLD: Final = ("home/locks", "home/cache", "home/runs")


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    world = World(tmp_path_factory.mktemp("six"))
    fleet.build(world, 6)
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def shop(six: Pristine) -> World:
    """Six services of four teams, all as they should be."""
    return six.restored()


def write(world: World, number: int, path: str, content: str) -> None:
    """A person's commit on main, past the protection."""
    world.overwrite(fleet.name(number), "refs/heads/main", path, content.encode())


def read(world: World, number: int, path: str) -> str:
    return world.git(fleet.name(number), "show", f"main:{path}")


def unprotect(world: World, number: int) -> Path:
    hook = world.home / "forge" / "local" / f"{fleet.name(number)}.git" / "hooks" / "pre-receive"
    hook.unlink()
    return hook


def dashboard(world: World, number: int) -> Path:
    return world.home / DASHBOARD.format(team=fleet.team(number), name=fleet.name(number))


def repaint(world: World, number: int) -> None:
    """Somebody has changed a dashboard in Grafana."""
    file = dashboard(world, number)
    file.write_text(file.read_text().replace('"percentunit"', '"percent"'))


def result(done: Done) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return data


def mended(done: Done) -> dict[str, str]:
    return {one["service"]: one["status"] for one in result(done)["mended"]}


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What has changed in a world, apart from who is at work and what is told of it."""
    return [path for path in changed(before, after) if not path.startswith(NOT_WORLD)]


def three_have_drifted(shop: World) -> None:
    write(shop, 1, "CODEOWNERS", "* @nobody\n")
    repaint(shop, 2)
    unprotect(shop, 3)


def test_without_yes_it_says_what_it_would_do_and_does_nothing(shop: World) -> None:
    three_have_drifted(shop)
    before = shop.tree()
    done = shop.run("doctor", "--all", "--fix")
    assert done.code == 3 and changed(before, shop.tree()) == []
    for text in (
        "shop-001  crew-1\n  ~ files/shop-001\n      ~ CODEOWNERS",
        "shop-002  crew-2\n  ~ grafana/dashboard/svc-shop-002\n      ~ panel ",
        "shop-003  crew-3\n  ~ branch_protection/shop-003/main\n      ~ in_force  False → True",
        "3 changes in 3 services. Nothing was changed; the same with --yes makes them.",
    ):
        assert text in done.out
    assert "@@" not in done.out and "-* @nobody" in shop.run("doctor", "--all", "--fix", "--diff").out
    data = result(shop.run("doctor", "--all", "--fix", "--json"))
    assert data["drifted"] == 3 and "mended" not in data
    assert changed(before, shop.tree()) == []


def test_with_yes_it_puts_them_right_one_after_the_other(shop: World) -> None:
    three_have_drifted(shop)
    done = shop.run("doctor", "--all", "--fix", "--yes")
    assert done.code == 0, done.err
    for number in (1, 2, 3):
        assert f"✓ {fleet.name(number)}  put right, in " in done.out
    assert done.out.endswith("3 put right.\n")
    assert "shop-004" not in done.out + done.err
    assert shop.run("doctor", "--all").code == 0
    again = shop.run("doctor", "--all", "--fix", "--yes", "--json")
    assert again.code == 0 and mended(again) == {}
    assert "Nothing to put right in 6 services." in shop.run("doctor", "--all", "--fix").out


@pytest.mark.parametrize(
    ("flags", "services"),
    [
        row("two planes", ("--all", "--plane", "monitoring", "--plane", "security"), ["shop-002", "shop-003"]),
        row("team", ("--team", "crew-1"), ["shop-001"]),
        row("path", ("--path", "worker"), []),
        row("severity", ("--all", "--severity", "error"), ["shop-003"]),
    ],
)
def test_only_what_was_asked_for_is_put_right(shop: World, flags: tuple[str, ...], services: list[str]) -> None:
    three_have_drifted(shop)
    repaint(shop, 3) if "team" in flags[0] else None
    done = shop.run("doctor", *flags, "--fix", "--yes", "--json")
    assert done.code == 0 and sorted(mended(done)) == services
    left = {one["service"] for one in result(shop.run("doctor", "--all", "--json"))["services"] if one["drift"]}
    assert left == {"shop-001", "shop-002", "shop-003"} - set(services)


def test_planes_that_were_not_asked_for_stay_as_they_are(shop: World) -> None:
    """In one service, too."""
    repaint(shop, 2)
    unprotect(shop, 2)
    drifted = dashboard(shop, 2).read_text()
    assert shop.run("doctor", "--all", "--fix", "--yes", "--severity", "error").code == 0
    assert dashboard(shop, 2).read_text() == drifted
    found = result(shop.run("doctor", "shop-002", "--json"))["findings"]
    assert {one["plane"] for one in found} == {"monitoring"}


@contextmanager
def at_work(world: World, number: int) -> Iterator[None]:
    lock = Lock(world.home / "locks" / f"service-local-{fleet.name(number)}")
    lock.acquire("somebody else's work")
    try:
        yield
    finally:
        lock.release()


def test_one_that_fails_is_named_and_does_not_stop_the_others(shop: World) -> None:
    three_have_drifted(shop)
    with at_work(shop, 2):
        done = shop.run("doctor", "--all", "--fix", "--yes")
        assert done.code == 1
        assert "✗ shop-002  " in done.out and "somebody else's work" in done.out
        assert done.out.endswith("2 put right; 1 failed; failed: shop-002.\n")
        again = shop.run("doctor", "--all", "--fix", "--yes", "--json")
        assert again.code == 1 and mended(again) == {"shop-002": "failed"}
        assert "somebody else's work" in result(again)["mended"][0]["failure"]
    done = shop.run("doctor", "--all", "--fix", "--yes", "--json")
    assert done.code == 0 and mended(done) == {"shop-002": "done"}


def test_what_cannot_be_read_or_put_right_is_said(shop: World) -> None:
    (shop.home / "forge/local/shop-001.git/platformctl.json").write_text("{")
    mark = next((shop.home / "grafana").rglob("svc-shop-002.json.json"))
    mark.write_text(json.dumps({"service": "other-api", "run": "x"}))
    unprotect(shop, 3)
    done = shop.run("doctor", "--all", "--fix", "--yes")
    assert done.code == 1, "one could not be read"
    assert "! shop-001  unreadable: " in done.out and "✗ shop-002  grafana/dashboard/svc-shop-002: " in done.out
    assert "1 put right; 1 not read." in done.out
    dry = shop.run("doctor", "--all", "--fix")
    assert dry.code == 3 and "Nothing to put right in 6 services." in dry.out and "belongs to other-api" in dry.out


# What is the team's own


def record_with(world: World, number: int, *overrides: dict[str, Any]) -> str:
    """A record in which a team has declared that it does some things otherwise."""
    text = read(world, number, ".platformctl.yaml")
    record = yaml.safe_load(text)
    record["overrides"] = [*overrides]
    head = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))
    written = head + yaml.safe_dump(record, sort_keys=False, allow_unicode=True)
    write(world, number, ".platformctl.yaml", written)
    return read(world, number, ".platformctl.yaml")


def override(**what: Any) -> dict[str, Any]:
    return {**what, "why": "we are audited", "decided_by": "Ada", "since": "2026-01-01"}


OWN: Final = {
    "app/routes.py": "# seeded: the team's from the first day on\n",
    "README.md": "# merged: the team's words\n",
    "Dockerfile": "FROM scratch # merged\n",
    "CODEOWNERS": "* @ours # managed, and taken over\n",
}


def protection(world: World, number: int) -> dict[str, Any]:
    meta = json.loads((world.home / f"forge/local/{fleet.name(number)}.git/platformctl.json").read_text())
    rules: dict[str, Any] = meta["protection"]["main"]
    return rules


def test_edits_of_the_teams_files_and_overrides_stay(shop: World) -> None:
    record = record_with(
        shop,
        1,
        override(input="branch_protection.reviews", value=2),
        override(file="CODEOWNERS"),
        override(step="grafana_dashboard"),
    )
    for path, content in OWN.items():
        write(shop, 1, path, content)
    repaint(shop, 1)
    painted = dashboard(shop, 1).read_bytes()
    write(shop, 1, ".github/workflows/ci.yml", "on: push # an edit that nobody has declared\n")
    looked = shop.run("doctor", "shop-001", "--json")
    assert looked.code == 3
    found = {(one["address"], one["part"]) for one in result(looked)["findings"]}
    assert found == {
        ("files/shop-001", ".github/workflows/ci.yml"),
        ("branch_protection/shop-001/main", "reviews"),
    }, "an override that holds is no drift, but asks for what it says"
    assert [one["target"] for one in result(looked)["deviations"]] == [
        "branch_protection.reviews",
        "file:CODEOWNERS",
        "step:grafana_dashboard",
    ]

    done = shop.run("doctor", "--all", "--fix", "--yes", "--json")
    assert done.code == 0 and mended(done) == {"shop-001": "done"}
    assert read(shop, 1, ".github/workflows/ci.yml").startswith("# Written by platformctl")
    assert protection(shop, 1)["reviews"] == 2
    for path, content in OWN.items():
        assert read(shop, 1, path) + "\n" == content, path
    assert dashboard(shop, 1).read_bytes() == painted
    assert read(shop, 1, ".platformctl.yaml") == record
    before = shop.tree()
    again = shop.run("doctor", "--all", "--fix", "--yes", "--json")
    assert again.code == 0 and mended(again) == {} and differing(before, shop.tree()) == []


def test_an_override_that_has_ended_is_put_right(shop: World) -> None:
    record_with(shop, 1, override(input="branch_protection.reviews", value=2))
    assert shop.run("doctor", "shop-001", "--fix", "--yes").code == 0
    assert protection(shop, 1)["reviews"] == 2
    record_with(shop, 1, {**override(input="branch_protection.reviews", value=2), "until": "2026-06-30"})
    dry = shop.run("doctor", "shop-001")
    assert dry.code == 3 and "its override ended on 2026-06-30" in dry.out
    assert mended(shop.run("doctor", "--all", "--fix", "--yes", "--json")) == {"shop-001": "done"}
    assert protection(shop, 1)["reviews"] == 1
    assert "2026-06-30" in read(shop, 1, ".platformctl.yaml"), "what was decided stays in the record"


def test_what_a_team_has_seeded_or_merged_is_no_drift(shop: World) -> None:
    for path in ("app/routes.py", "README.md", "Dockerfile"):
        write(shop, 1, path, OWN[path])
    before = shop.tree()
    assert shop.run("doctor", "--all").code == 0
    assert shop.run("doctor", "--all", "--fix", "--yes").code == 0
    assert differing(before, shop.tree()) == []
