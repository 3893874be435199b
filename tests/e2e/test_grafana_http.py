"""Dashboards in a Grafana over HTTP, from the command line: made, looked after, taken back, and what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.testing.grafana import FakeGrafana, Fault, Request
from tests.e2e.sandbox import Done, Pristine, Says, World, row
from tests.fake_grafana import TOKEN, VARIABLE, platform
from tests.grafana.types import findings

NEW: Final = ("new", "service", "payments-api", "--team", "payments", "--no-input")
UID: Final = "svc-payments-api"


@dataclass
class Shop(World):
    """A prepared organisation whose dashboards are in a fake Grafana."""

    grafana: FakeGrafana = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.env = {VARIABLE: TOKEN, **self.env}
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Settings of `grafana` in platform.yaml."""
        self.write_platform(yaml.safe_dump(platform(self.grafana, **settings)))

    def done(self, *arguments: str, code: int = 0) -> Done:
        done = self.run(*arguments)
        assert done.code == code, f"{arguments}: exit {done.code}\n{done.out}\n{done.err}"
        return done

    def writes(self) -> int:
        return sum(exchange.method != "GET" for exchange in self.grafana.exchanges)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    with FakeGrafana() as grafana:
        shop = Shop(tmp_path_factory.mktemp("shop"), grafana=grafana)
        shop.done("init", "--organisation", "acme", "--no-input")
        return Pristine.keep(shop, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def in_version(prepared: Pristine) -> Iterator[Callable[[str], Shop]]:
    made: list[FakeGrafana] = []

    def make(version: str) -> Shop:
        grafana = FakeGrafana(version)
        made.append(grafana)
        return Shop(prepared.restored().root, grafana=grafana.__enter__())

    yield make
    for grafana in made:
        grafana.__exit__(None, None, None)


@pytest.fixture(params=["13.1.0", "10.4.0"])
def shop(request: pytest.FixtureRequest, in_version: Callable[[str], Shop]) -> Shop:
    return in_version(request.param)


@pytest.fixture
def newest(in_version: Callable[[str], Shop]) -> Shop:
    return in_version("13.1.0")


def saves(request: Request) -> bool:
    return request.method in ("POST", "PUT") and "dashboards" in request.path


def test_new_makes_it_doctor_finds_it_and_undo_takes_it_back(shop: Shop) -> None:
    done = shop.done(*NEW)
    assert f"{shop.grafana.url}/d/{UID}" in done.out + done.err
    assert "monitoring: rendered" not in done.out + done.err
    folder, spec = shop.grafana.state()["dashboards"][UID]
    assert (folder, spec["title"]) == ("team-payments", "payments-api")
    assert shop.grafana.state()["folders"]["team-payments"][0] == "Payments"
    writes = shop.writes()
    assert writes == 2
    shop.done("doctor", "payments-api")
    shop.done(*NEW)
    assert shop.writes() == writes
    shop.done("undo", "last", "--yes")
    assert shop.grafana.state()["dashboards"] == {}
    assert list(shop.grafana.state()["folders"]) == ["team-payments"]


def edited(grafana: FakeGrafana) -> None:
    spec = grafana.spec(UID)
    spec["panels"][0]["title"] = "Mine"
    grafana.save(UID, spec, "team-payments")


def moved(grafana: FakeGrafana) -> None:
    grafana.save(UID, grafana.spec(UID), "")


@pytest.mark.parametrize(
    ("by_hand", "says"),
    [
        row("edited", edited, ["panel Mine"]),
        row("moved", moved, ["folder"]),
        row("deleted", lambda grafana: grafana.delete(UID), ["grafana/dashboard/svc-payments-api"]),
    ],
)
def test_drift_is_named_and_put_right(by_hand: Callable[[FakeGrafana], None], says: Says, shop: Shop) -> None:
    shop.done(*NEW)
    before = shop.grafana.state()["dashboards"][UID]
    by_hand(shop.grafana)
    found = shop.done("doctor", "payments-api", code=3).out
    assert [text for text in says if text not in found] == [], found
    shop.done("doctor", "payments-api", "--fix", "--yes")
    shop.done("doctor", "payments-api")
    after = shop.grafana.state()["dashboards"][UID]
    assert (after[0], after[1]["panels"]) == (before[0], before[1]["panels"])


def test_a_changed_answer_changes_it_and_undo_brings_the_old_one_back(shop: Shop) -> None:
    shop.done(*NEW)
    panels = shop.grafana.spec(UID)["panels"]
    shop.done("configure", "payments-api", "--set", "slo.availability=99.5", "--no-input")
    assert shop.grafana.spec(UID)["panels"] != panels
    shop.done("doctor", "payments-api")
    shop.done("undo", "last", "--yes")
    assert shop.grafana.spec(UID)["panels"] == panels
    shop.done("doctor", "payments-api")


def test_undo_leaves_what_somebody_has_changed_since(newest: Shop) -> None:
    newest.done(*NEW)
    edited(newest.grafana)
    done = newest.run("undo", "last", "--yes")
    assert "it was changed since" in done.out + done.err
    assert UID in newest.grafana.state()["dashboards"]


def test_what_somebody_else_made_is_left_alone(newest: Shop) -> None:
    newest.grafana.save(UID, {"title": "theirs"})
    newest.refused(*NEW, code=1, says=["grafana/dashboard/svc-payments-api is taken", "did not make it"])
    assert newest.grafana.spec(UID) == {"title": "theirs"}


@pytest.mark.parametrize("acted", [False, True], ids=["before it is written", "after it is written"])
@pytest.mark.parametrize("then", [("resume", "last", "--yes"), ("undo", "last", "--yes")], ids=lambda then: then[0])
def test_a_kill_at_the_write_loses_nothing(acted: bool, then: tuple[str, ...], newest: Shop) -> None:
    newest.grafana.faults.add(Fault("hang", match=saves, seconds=60, acted=acted))
    with newest.start(*NEW) as process:
        until = time.monotonic() + 60
        while not any(exchange.status == 0 for exchange in newest.grafana.exchanges):
            assert time.monotonic() < until and process.poll() is None, process.communicate()
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    newest.done(*then)
    if then[0] == "resume":
        newest.done("doctor", "payments-api")
        assert json.dumps(newest.grafana.spec(UID)).count('"platformctl"') >= 1
    else:
        assert newest.grafana.state()["dashboards"] == {}


def test_an_answer_that_is_lost_is_nobodys_trouble(newest: Shop) -> None:
    newest.grafana.faults.add(Fault("reset_after", match=saves))
    newest.done(*NEW)
    newest.done("doctor", "payments-api")


def test_a_token_without_the_right_to_write_is_named_and_resume_goes_on(newest: Shop) -> None:
    newest.grafana.token("glsa_viewer", "viewer")
    newest.env[VARIABLE] = "glsa_viewer"
    done = newest.run(*NEW)
    assert done.code == 4 and "Grafana refused POST" in done.message and "doctor --platform" in done.message
    newest.env[VARIABLE] = TOKEN
    newest.done("resume", "last", "--yes")
    newest.done("doctor", "payments-api")


BAD: Final = [
    row("no token", {"token": ""}, 4, [f"{VARIABLE} is not set", "service account"]),
    row("an unknown token", {"token": "glsa_wrong"}, 4, ["does not accept the token", VARIABLE]),
    row("500 for ever", {"fault": Fault("500", times=99)}, 1, ["Grafana answered GET", "with 500"]),
    row("502 for ever", {"fault": Fault("502", times=99)}, 1, ["Grafana answered GET", "with 502"]),
    row("resets", {"fault": Fault("reset_before", times=99)}, 1, ["Grafana cannot be reached", "grafana.url"]),
    row("hangs", {"fault": Fault("hang", times=99, seconds=1)}, 1, ["did not answer in time"]),
    row("a long pause", {"fault": Fault("secondary", seconds=900)}, 1, ["Grafana asks to wait 900 s"]),
    row("no server", {"url": "http://127.0.0.1:9"}, 1, ["http://127.0.0.1:9", "cannot be reached"]),
    row("no url", {"url": ""}, 2, ["platform.yaml:", "url"]),
    row("a token in the file", {"reference": "glsa_secret"}, 2, ["platform.yaml:", "grafana.token"]),
    row("an unknown api", {"api": "graphql"}, 2, ["platform.yaml:", "graphql", "legacy"]),
]


@pytest.mark.parametrize(("wrong", "code", "says"), BAD)
def test_what_goes_wrong_is_one_line_and_nothing_is_written(
    wrong: dict[str, Any], code: int, says: Says, newest: Shop
) -> None:
    settings = {key: wrong[key] for key in ("url", "api") if key in wrong}
    reference = {"token": wrong["reference"]} if "reference" in wrong else {}
    newest.configure(timeout_seconds=0.3, **settings, **reference)
    newest.env[VARIABLE] = wrong.get("token", TOKEN)
    if "fault" in wrong:
        newest.grafana.faults.add(wrong["fault"])
    done = newest.refused(*NEW, code=code, says=says)
    assert "glsa_" not in done.out + done.err
    assert newest.writes() == 0


def needs(shop: Shop, code: int) -> dict[str, str]:
    done = shop.done("doctor", "--platform", "--json", code=code)
    found = json.loads(done.out.splitlines()[-1])["data"]["needs"]
    return {need["what"]: need["problem"] for need in found if need["port"] == "grafana"}


def test_doctor_says_what_the_platform_lacks(shop: Shop) -> None:
    found = needs(shop, 0)
    how = {"13.1.0": "dashboard.grafana.app", "10.4.0": "/api"}
    version = shop.grafana.version
    assert f"Grafana {version} at {shop.grafana.url}, through {how[version]}" in found
    assert set(found.values()) == {""} and len(found) == 8
    for role in ("viewer", "editor"):
        shop.grafana.token(f"glsa_{role}", role)
    shop.grafana.folder("team-x", "X")
    shop.env[VARIABLE] = "glsa_viewer"
    assert needs(shop, 4)["permission dashboards:write (change them)"] == "it is missing"
    shop.env[VARIABLE] = "glsa_editor"
    assert needs(shop, 4)["permission dashboards:write (change them)"] == "only for folders:uid:team-x"
    shop.env[VARIABLE] = "glsa_unknown"
    assert list(needs(shop, 4).values()) == ["Grafana does not accept the token"]


def test_what_is_stored_is_of_the_schema_of_every_grafana(newest: Shop, tmp_path: Path) -> None:
    """With the mark in it."""
    newest.done(*NEW)
    folder = tmp_path / "types"
    folder.mkdir()
    spec = {**newest.grafana.spec(UID), "uid": UID}
    assert findings({UID: spec}, folder) == {}
    spec["templating"]["list"][-1]["hide"] = "yes"
    (folder / "again").mkdir()
    assert findings({UID: spec}, folder / "again") != {}


def test_the_token_is_nowhere(newest: Shop) -> None:
    done = newest.done(*NEW, "--json")
    more = newest.done("doctor", "payments-api", "--json")
    assert TOKEN not in done.out + done.err + more.out + more.err
    holding = [
        name
        for folder, _, names in os.walk(newest.root)
        for name in (os.path.join(folder, name) for name in names)  # noqa: PTH118
        if os.path.isfile(name) and TOKEN.encode() in open(name, "rb").read()  # noqa: PTH113, PTH123, SIM115
    ]
    assert holding == []
    assert all(exchange.request_headers["authorization"] == f"Bearer {TOKEN}" for exchange in newest.grafana.exchanges)


def test_what_was_asked_is_said(newest: Shop) -> None:
    done = newest.done(*NEW)
    said = [line for line in (done.out + done.err).splitlines() if "Grafana:" in line]
    assert len(said) == 1 and "2 of them to write" in said[0], done.out + done.err
