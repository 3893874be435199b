"""What every backend of the port `alerting` does. A new backend is one more entry in `BACKENDS`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.backends.alerting import Alerting, Alerts
from platformctl.backends.alerting.files import AlertingFiles
from platformctl.errors import BadConfig, Moved, NotFound, Taken
from platformctl.model import Owner

BACKENDS: dict[str, Callable[[Path], Alerting]] = {
    "files": lambda folder: AlertingFiles(folder / "monitoring", folder / "lock"),
}


@pytest.fixture(params=BACKENDS)
def alerting(request: pytest.FixtureRequest, tmp_path: Path) -> Alerting:
    return BACKENDS[request.param](tmp_path)


def routing(service: str, paging: str = "env:KEY", team: str = "payments") -> dict[str, Any]:
    matchers = {"service": service, "environment": "staging"}
    return {"matchers": matchers, "receiver": f"pagerduty-{team}", "paging": paging}


def put(alerting: Alerting, service: str, rules: str | None = "groups: []\n", **more: str) -> Alerts | None:
    """Replace what stands there, or remove it."""
    seen = alerting.alerts(service, "staging")
    wanted = routing(service, **more) if rules is not None else None
    return alerting.put(service, "staging", rules, wanted, Owner(service, "run-1"), seen.revision if seen else "")


def test_what_is_not_there_is_not_an_error(alerting: Alerting) -> None:
    assert alerting.alerts("a", "staging") is None
    assert put(alerting, "a", None) is None


def test_what_is_put_is_there_and_says_whose_it_is(alerting: Alerting) -> None:
    seen = put(alerting, "a")
    assert seen == alerting.alerts("a", "staging")
    assert seen and (seen.rules, seen.routing, seen.routed) == ("groups: []\n", routing("a"), True)
    assert seen.owner == Owner("a", "run-1")
    assert alerting.alerts("a", "production") is None


def test_the_whole_configuration_is_what_all_routing_gives(alerting: Alerting) -> None:
    assert alerting.configuration("a", "staging") == ""
    put(alerting, "a")
    alone = yaml.safe_load(alerting.configuration("a", "staging"))
    put(alerting, "b", paging="env:OTHER", team="search")
    both = yaml.safe_load(alerting.configuration("a", "staging"))
    assert [receiver["name"] for receiver in alone["receivers"]] == ["default", "pagerduty-payments"]
    assert [receiver["name"] for receiver in both["receivers"]] == ["default", "pagerduty-payments", "pagerduty-search"]
    assert both == yaml.safe_load(alerting.configuration("b", "staging"))


def test_both_parts_are_swapped_together(alerting: Alerting) -> None:
    first = put(alerting, "a")
    second = put(alerting, "a", paging="secret:other")
    assert first and second and first.revision != second.revision
    for revision in ("", first.revision):
        with pytest.raises(Moved):
            alerting.put("a", "staging", "groups: [1]\n", routing("a"), Owner("a", "run-2"), revision)
    assert alerting.alerts("a", "staging") == second


def test_another_services_alerts_are_taken(alerting: Alerting) -> None:
    seen = put(alerting, "a")
    assert seen
    with pytest.raises(Taken):
        alerting.put("a", "staging", None, None, Owner("b", "run-2"), seen.revision)
    assert alerting.alerts("a", "staging") == seen


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", ".git", "-x", "a\n"])
def test_names_that_could_leave_the_folder_are_refused(name: str, alerting: Alerting) -> None:
    for place in ((name, "staging"), ("a", name)):
        with pytest.raises(NotFound):
            alerting.alerts(*place)
        with pytest.raises(NotFound):
            alerting.configuration(*place)
        with pytest.raises(NotFound):
            alerting.put(*place, "", routing("a"), Owner("a", "run-1"), "")


# What follows is about the folder: what Prometheus and Alertmanager find there.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "monitoring"


@pytest.fixture
def files(tmp_path: Path) -> AlertingFiles:
    return AlertingFiles(tmp_path / "monitoring", tmp_path / "lock", "/keys")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the marks."""
    return {path: text for path, text in everything(folder).items() if not path.startswith(".owners/")}


def everything(folder: Path) -> dict[str, bytes]:
    """Every file, the marks without their run; drafts too."""
    found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {
        path: json.loads(text)["service"].encode() if path.startswith(".owners/") else text
        for path, text in found.items()
    }


def shared(folder: Path) -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load((folder / "alertmanager.yml").read_text())
    return whole


def test_each_service_has_one_route_and_each_team_one_receiver(files: AlertingFiles, folder: Path) -> None:
    put(files, "b")
    put(files, "a")
    put(files, "c", paging="secret:x/../y", team="search")
    assert [route["matchers"] for route in shared(folder)["route"]["routes"]] == [
        ['environment="staging"', f'service="{name}"'] for name in "abc"
    ]
    assert [receiver["name"] for receiver in shared(folder)["receivers"]] == [
        "default",
        "pagerduty-payments",
        "pagerduty-search",
    ]
    _, *pagers = shared(folder)["receivers"]
    keys = [pager["pagerduty_configs"][0]["routing_key_file"] for pager in pagers]
    assert keys == ["/keys/env-KEY", "/keys/secret-x%2F..%2Fy"]


def test_a_team_that_moves_to_another_key_has_both_until_all_have_moved(files: AlertingFiles, folder: Path) -> None:
    put(files, "a", paging="env:OLD")
    put(files, "b", paging="env:OLD")
    put(files, "b", paging="env:NEW")
    routes = [route["receiver"] for route in shared(folder)["route"]["routes"]]
    assert routes == ["pagerduty-payments env:OLD", "pagerduty-payments env:NEW"]
    put(files, "a", paging="env:NEW")
    assert {route["receiver"] for route in shared(folder)["route"]["routes"]} == {"pagerduty-payments"}


def test_the_shared_file_is_the_same_in_whatever_order_services_came(tmp_path: Path) -> None:
    for order in ("abc", "cba"):
        for name in order:
            put(AlertingFiles(tmp_path / order, tmp_path / "lock"), name)
    assert contents(tmp_path / "abc") == contents(tmp_path / "cba")


def test_what_goes_takes_nothing_of_others_with_it_and_the_last_one_leaves_nothing(
    files: AlertingFiles, folder: Path
) -> None:
    put(files, "a")
    before = everything(folder)
    put(files, "b")
    assert everything(folder) != before
    put(files, "b", None)
    assert everything(folder) == before
    put(files, "a", None)
    assert list(folder.iterdir()) == []


EDITS: dict[str, Callable[[str], str]] = {
    "another receiver": lambda text: text.replace("receiver: pagerduty-payments", "receiver: default"),
    "a route is gone": lambda text: text.replace('service="a"', 'service="b"'),
    "a comment": lambda text: f"{text}# by hand\n",
    "empty": lambda text: "",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_shared_file_is_seen_by_every_service_and_mended_by_any(
    edit: str, files: AlertingFiles, folder: Path
) -> None:
    put(files, "a")
    put(files, "b")
    before = everything(folder)
    file = folder / "alertmanager.yml"
    file.write_text(EDITS[edit](file.read_text()))
    for name in "ab":
        seen = files.alerts(name, "staging")
        assert seen and not seen.routed
    assert files.configuration("a", "staging") == file.read_text()
    put(files, "b")
    assert everything(folder) == before


def test_a_shared_file_of_somebody_elses_is_not_touched(files: AlertingFiles, folder: Path) -> None:
    folder.mkdir()
    (folder / "alertmanager.yml").write_text("route: {receiver: mine}\n")
    before = everything(folder)
    with pytest.raises(Taken, match=r"alertmanager\.yml"):
        files.alerts("a", "staging")
    with pytest.raises(Taken, match=r"alertmanager\.yml"):
        files.put("a", "staging", "", routing("a"), Owner("a", "run-1"), "")
    with pytest.raises(Taken, match=r"alertmanager\.yml"):
        files.configuration("a", "staging")
    assert everything(folder) == before


def test_rules_that_somebody_put_there_are_not_taken_over(files: AlertingFiles, folder: Path) -> None:
    (folder / "rules" / "staging").mkdir(parents=True)
    (folder / "rules" / "staging" / "a.yml").write_text("groups: []\n")
    seen = files.alerts("a", "staging")
    assert seen and seen.owner == Owner("", "")
    with pytest.raises(Taken):
        put(files, "a")
    assert set(everything(folder)) == {"rules/staging/a.yml"}


DAMAGED = ["", "{", "[]", "{}", '{"matchers": {"a": 1}, "receiver": "r", "paging": "p"}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_fragment_is_mended_by_its_service_and_stops_the_others(
    text: str, files: AlertingFiles, folder: Path
) -> None:
    put(files, "a")
    put(files, "b")
    before = everything(folder)
    (folder / "fragments" / "staging" / "a.json").write_text(text)
    damaged = everything(folder)
    for name in ("b", "c"):
        with pytest.raises(BadConfig, match=r"a\.json.*doctor a --fix"):
            put(files, name, "groups: [1]\n")
    assert everything(folder) == damaged
    put(files, "a")
    assert everything(folder) == before


@pytest.mark.parametrize("once", [False, True], ids=["each time", "once"])
@pytest.mark.parametrize("text", [*DAMAGED, json.dumps(routing("a", "env:OTHER")), None])
def test_what_becomes_of_a_fragment_concerns_its_service_alone(
    text: str | None, once: bool, files: AlertingFiles, folder: Path
) -> None:
    put(files, "a")
    put(files, "b")
    file = folder / "fragments" / "staging" / "a.json"
    file.unlink() if text is None else file.write_text(text)
    if once:
        files.look_once()
    theirs, ours = files.alerts("a", "staging"), files.alerts("b", "staging")
    assert theirs and ours and (theirs.routed, ours.routed) == (False, True)
    assert (set(theirs.as_left), set(theirs.absent)) == (
        {"rules", "shared"},
        {"routing"} if text is None else set(),
    )
    assert files.routes("a", "staging", routing("a")) and not files.routes("a", "staging", routing("a", "env:NEW"))


def test_a_shared_file_as_platformctl_left_it_is_told_from_one_that_was_edited(
    files: AlertingFiles, folder: Path
) -> None:
    put(files, "a")
    seen = files.alerts("a", "staging")
    assert seen and set(seen.as_left) == {"rules", "routing", "shared"}
    (folder / "alertmanager.yml").write_text("route: {}\n")
    seen = files.alerts("a", "staging")
    assert seen and (set(seen.as_left), list(seen.absent)) == ({"rules", "routing"}, [])
    (folder / "alertmanager.yml").unlink()
    seen = files.alerts("a", "staging")
    assert seen and not seen.routed and list(seen.absent) == ["shared"]


@pytest.mark.slow
def test_of_many_services_at_once_none_is_lost(tmp_path: Path, folder: Path) -> None:
    names = [f"svc-{number}" for number in range(20)]

    def work(name: str) -> None:
        put(AlertingFiles(folder, tmp_path / "lock"), name)

    at_once([threading.Thread(target=work, args=(name,)) for name in names])
    assert sorted(route["matchers"][1] for route in shared(folder)["route"]["routes"]) == sorted(
        f'service="{name}"' for name in names
    )
    files = AlertingFiles(folder, tmp_path / "lock")
    assert all(seen and seen.routed for seen in (files.alerts(name, "staging") for name in names))
    at_once([threading.Thread(target=put, args=(files, name, None)) for name in names])
    assert list(folder.iterdir()) == []


def at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_looking_writes_nothing(files: AlertingFiles, tmp_path: Path) -> None:
    files.alerts("a", "staging")
    files.configuration("a", "staging")
    files.check()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_the_platforms_or_the_homes(tmp_path: Path) -> None:
    given = {"folder": str(tmp_path / "own"), "keys_folder": "/k/"}
    own = AlertingFiles.configured({"organisation": "acme", "alerting": given}, tmp_path)
    assert own.url("a", "staging") == str(tmp_path / "own" / "rules" / "staging" / "a.yml")
    assert "/k/env-X on" in own.expects("env:X")
    home = AlertingFiles.configured({"organisation": "acme"}, tmp_path)
    assert home.url("a", "staging") == str(tmp_path / "monitoring" / "acme" / "rules" / "staging" / "a.yml")


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "monitoring").write_text("")
    with pytest.raises(BadConfig, match="monitoring"):
        AlertingFiles(tmp_path / "monitoring", tmp_path / "lock").check()
