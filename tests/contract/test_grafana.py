"""What every backend of the port `grafana` does. A new backend is one more entry in `BACKENDS`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.backends.grafana import DashboardState, Grafana, digest
from platformctl.backends.grafana.files import GrafanaFiles
from platformctl.backends.grafana.http.grafana import GrafanaHttp
from platformctl.errors import BadConfig, Moved, NotFound, Taken
from platformctl.model import Change, Drift, File, Json, Kind, Owner, Plane
from platformctl.resources.grafana_dashboard import GrafanaDashboard
from platformctl.testing.grafana import FakeGrafana
from tests.fake_grafana import TOKEN, VARIABLE, completed


@contextmanager
def over_files(home: Path) -> Iterator[Grafana]:
    yield GrafanaFiles.configured({"organisation": "acme"}, home)


def over_http(version: str) -> Callable[[Path], AbstractContextManager[Grafana]]:
    """A Grafana of this version, which decides what it offers."""

    @contextmanager
    def made(home: Path) -> Iterator[Grafana]:
        with FakeGrafana(version) as fake:
            yield GrafanaHttp.configured(completed(fake, home), home)

    return made


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Grafana]]] = {
    "files": over_files,
    "http, 13": over_http("13.1.0"),
    "http, 12": over_http("12.0.0"),
    "http, 10": over_http("10.4.0"),
}
ME = Owner("svc", "run-1")
PAGE: dict[str, Json] = {"uid": "svc-svc", "title": "svc é", "panels": [], "schemaVersion": 36}


@pytest.fixture(params=BACKENDS)
def grafana(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Grafana]:
    monkeypatch.setenv(VARIABLE, TOKEN)
    with BACKENDS[request.param](tmp_path) as made:
        yield made


def put(
    grafana: Grafana, revision: str = "", folder: str = "team-a", owner: Owner = ME, **page: Json
) -> DashboardState:
    return grafana.put("svc-svc", PAGE | page, folder, owner, revision)


def test_what_is_not_there_is_not_an_error(grafana: Grafana) -> None:
    assert grafana.dashboard("svc-svc") is None
    grafana.delete("svc-svc", "")


def test_a_dashboard_is_read_back_with_its_mark(grafana: Grafana) -> None:
    state = put(grafana)
    assert (state.sha256, state.folder, state.owner, state.served) == (digest(PAGE), "team-a", ME, True)
    assert {**state.dashboard, "schemaVersion": 36} == PAGE  # Grafana may have its own
    assert grafana.dashboard("svc-svc") == state


@pytest.mark.parametrize("templating", [{"list": []}, {"list": [{"name": "x", "type": "constant"}]}, {"list": 1}, 1])
def test_its_variables_stay_what_they_are(templating: Json, grafana: Grafana) -> None:
    state = put(grafana, templating=templating)
    assert state.owner == ME
    if isinstance(templating, dict) and isinstance(templating["list"], list) and templating["list"]:
        assert state.dashboard["templating"] == templating
    again = put(grafana, state.revision, **{**state.dashboard, "title": "again"})
    assert (again.owner, again.dashboard["title"]) == (ME, "again")


def test_a_place_on_this_machine_is_no_link_for_others(tmp_path: Path) -> None:
    shared = {"organisation": "acme", "forge": {"kind": "github"}}
    alone = GrafanaFiles.configured({"organisation": "acme"}, tmp_path)
    assert alone.link("svc-x", "team-a") == alone.url("svc-x", "team-a")
    assert GrafanaFiles.configured(shared, tmp_path).link("svc-x", "team-a") == ""
    served = {**shared, "grafana": {"url": "https://grafana.example.org"}}
    assert GrafanaFiles.configured(served, tmp_path).link("svc-x", "team-a") == "https://grafana.example.org/d/svc-x"


@pytest.mark.parametrize("change", [{"title": "other"}, {"folder": "team-b"}], ids=str)
def test_it_is_swapped(change: dict[str, Any], grafana: Grafana) -> None:
    first = put(grafana)
    second = put(grafana, first.revision, **change)
    assert second.revision != first.revision
    for stale in ("", first.revision):
        with pytest.raises(Moved):
            put(grafana, stale, title="third")
        with pytest.raises(Moved):
            grafana.delete("svc-svc", stale)
    assert grafana.dashboard("svc-svc") == second


def test_another_services_dashboard_stays(grafana: Grafana) -> None:
    state = put(grafana)
    for folder in ("team-a", "team-b"):
        with pytest.raises(Taken):
            put(grafana, state.revision, folder, Owner("other", "run-2"), title="mine now")
    assert grafana.dashboard("svc-svc") == state


def test_a_deleted_one_is_gone_and_others_stay(grafana: Grafana) -> None:
    other = grafana.put(
        "svc-other", PAGE | {"uid": "svc-other", "title": "other"}, "team-a", Owner("other", "run-2"), ""
    )
    grafana.delete("svc-svc", put(grafana).revision)
    assert grafana.dashboard("svc-svc") is None
    assert grafana.dashboard("svc-other") == other


def test_many_at_once_lose_nothing(grafana: Grafana) -> None:
    names = [f"svc-{number}" for number in range(20)]

    def write(uid: str) -> None:
        grafana.put(uid, PAGE | {"uid": uid, "title": uid}, f"team-{len(uid) % 2}", Owner(uid, "run-1"), "")

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [grafana.dashboard(name) for name in names]
    assert [state.dashboard["uid"] if state else None for state in states] == names


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "-x", "a\n", "*", "x" * 62])
def test_names_that_could_leave_the_folder_are_refused(name: str, grafana: Grafana) -> None:
    with pytest.raises(NotFound):
        grafana.put(name, PAGE, "team-a", ME, "")
    with pytest.raises(NotFound):
        grafana.put("svc-svc", PAGE, name, ME, "")


def test_what_grafana_counts_does_not_count() -> None:
    assert digest(PAGE | {"id": 7, "version": 3, "iteration": 1}) == digest(PAGE)
    assert digest(PAGE | {"title": "other"}) != digest(PAGE)


# What follows is about files alone.


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def files(home: Path) -> GrafanaFiles:
    return GrafanaFiles.configured({"organisation": "acme"}, home)


def there(home: Path) -> list[str]:
    """Every file and folder but locks."""
    root = home / "grafana"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_grafana_is_told_where_to_look(files: GrafanaFiles, home: Path) -> None:
    put(files)
    (provider,) = yaml.safe_load((home / "grafana/acme/provisioning/dashboards/platformctl.yaml").read_text())[
        "providers"
    ]
    assert provider["type"] == "file" and provider["options"]["foldersFromFilesStructure"] is True
    found = [
        path.relative_to(provider["options"]["path"]).as_posix()
        for path in Path(provider["options"]["path"]).rglob("*.json")
    ]
    assert found == ["team-a/svc-svc.json"]


def test_a_dollar_in_the_path_is_no_variable_of_grafanas(tmp_path: Path) -> None:
    folder = tmp_path / "$HOME"
    put(GrafanaFiles.configured({"organisation": "acme", "grafana": {"folder": str(folder)}}, tmp_path))
    assert f"{tmp_path}/$$HOME/dashboards" in (folder / "provisioning/dashboards/platformctl.yaml").read_text()


def test_the_last_one_leaves_nothing(files: GrafanaFiles, home: Path) -> None:
    files.delete("svc-svc", put(files, put(files).revision, "team-b").revision)
    assert list((home / "grafana" / "acme").iterdir()) == []  # the folder itself may be the organisation's


def test_a_move_leaves_one_file(files: GrafanaFiles, home: Path) -> None:
    put(files, put(files).revision, "team-b")
    assert [path for path in there(home) if path.endswith("svc-svc.json")] == ["acme/dashboards/team-b/svc-svc.json"]
    assert not any("team-a" in path for path in there(home))


def test_a_file_that_nobody_owns_is_taken(files: GrafanaFiles, home: Path) -> None:
    file = home / "grafana/acme/dashboards/team-a/svc-svc.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    state = files.dashboard("svc-svc")
    assert state is not None and state.owner == Owner("", "")
    with pytest.raises(Taken):
        put(files, state.revision)
    assert file.read_text() == "{}"


def test_one_that_stands_in_two_folders_is_named(files: GrafanaFiles, home: Path) -> None:
    put(files)
    copy = home / "grafana/acme/dashboards/team-b/svc-svc.json"
    copy.parent.mkdir()
    copy.write_text("{}")
    with pytest.raises(BadConfig, match=r"twice: dashboards/team-a/svc-svc.json and dashboards/team-b/svc-svc.json"):
        files.dashboard("svc-svc")


@pytest.mark.parametrize("text", ["{", "[1]", "\udc80", "null"])
def test_a_broken_file_is_an_empty_dashboard(text: str, files: GrafanaFiles, home: Path) -> None:
    put(files)
    (home / "grafana/acme/dashboards/team-a/svc-svc.json").write_bytes(text.encode(errors="surrogateescape"))
    state = files.dashboard("svc-svc")
    assert state is not None and state.dashboard == {}
    assert put(files, state.revision).dashboard == PAGE


@pytest.mark.parametrize("site", ["https://grafana.example.org", "https://grafana.example.org/"])
def test_where_to_look_at_it_is_known_before(site: str, home: Path, files: GrafanaFiles) -> None:
    served = GrafanaFiles.configured({"organisation": "acme", "grafana": {"url": site}}, home)
    assert served.url("svc-svc", "team-a") == "https://grafana.example.org/d/svc-svc"
    url = files.url("svc-svc", "team-a")
    assert not Path(url).exists()
    put(files)
    assert Path(url).is_file()


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(BadConfig, match="not a folder"):
        GrafanaFiles.configured({"organisation": "acme", "grafana": {"folder": "x"}}, tmp_path).check()


# What people are told about differences.


def render(**page: Json) -> dict[str, File]:
    import json

    return {"dashboard.json": File(json.dumps(PAGE | page).encode())}


PANEL = {"id": 1, "gridPos": {"x": 0}, "title": "Memory", "type": "timeseries", "targets": [{"refId": "A"}]}
DIFFERENCES: dict[str, tuple[dict[str, Json], list[tuple[str, str, str]]]] = {
    "nothing": ({}, []),
    "another field": ({"tags": ["a"]}, [("+", "tags", "a")]),
    "a panel is gone": ({"panels": []}, [("-", "panel Memory", "")]),
    "a panel more": ({"panels": [PANEL, PANEL | {"title": "New"}]}, [("+", "panel New", "")]),
    "another query and type": (
        {"panels": [PANEL | {"type": "stat", "targets": []}]},
        [("~", "panel Memory", "targets, type")],
    ),
    "another place": ({"panels": [PANEL | {"gridPos": {"x": 9}}]}, [("~", "panels", "they stand elsewhere")]),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_are_said_by_panel(name: str, files: GrafanaFiles) -> None:
    page, lines = DIFFERENCES[name]
    put(files, panels=[PANEL])
    action, inputs = GrafanaDashboard(files), {"files": render(**{"panels": [PANEL], **page}), "team": "a"}
    ((address, seen),) = action.observe(inputs).items()
    assert address == "grafana/dashboard/svc-svc"
    assert [(line.sign, line.what, line.text) for line in action.differences(inputs, address, seen)] == lines


@pytest.mark.parametrize("panels", [None, 1, [1, None], [{"title": ["x"]}], {"a": 1}], ids=str)
def test_what_somebody_wrote_by_hand_is_a_difference(panels: Json, files: GrafanaFiles) -> None:
    put(files, panels=panels)
    action, inputs = GrafanaDashboard(files), {"files": render(panels=[PANEL]), "team": "a"}
    ((address, seen),) = action.observe(inputs).items()
    assert "panel Memory" in [line.what for line in action.differences(inputs, address, seen)]


def test_a_provider_that_is_gone_is_a_difference_and_is_made_again(files: GrafanaFiles, home: Path) -> None:
    provider = home / "grafana/acme/provisioning/dashboards/platformctl.yaml"
    state, action, inputs = put(files), GrafanaDashboard(files), {"files": render(), "team": "a"}
    for break_it in (provider.unlink, lambda: provider.write_text("providers: []")):
        break_it()
        ((address, seen),) = action.observe(inputs).items()
        assert [line.what for line in action.differences(inputs, address, seen)] == ["provisioning"]
        assert put(files, state.revision).served


def classes(files: GrafanaFiles, **page: Json) -> dict[str, Drift]:
    """What differs from this page in the folder of team a, with its class."""
    action, inputs = GrafanaDashboard(files), {"files": render(**page), "team": "a"}
    ((address, seen),) = action.observe(inputs).items()
    after = action.desired(inputs)[address]
    change = Change(address, Kind.UPDATE, "s", Plane.MONITORING, "grafana_dashboard", seen.value, after)
    return {line.what: action.drift(inputs, change, line, seen) for line in action.differences(inputs, address, seen)}


def test_each_part_is_told_with_how_it_came_to_differ(files: GrafanaFiles, home: Path) -> None:
    provider = home / "grafana/acme/provisioning/dashboards/platformctl.yaml"
    put(files, panels=[PANEL])
    assert classes(files, panels=[]) == {"panel Memory": Drift.BEHIND}
    provider.write_text("providers: []")
    assert classes(files, panels=[]) == {"panel Memory": Drift.BEHIND, "provisioning": Drift.OUT_OF_BAND}
    provider.unlink()
    assert classes(files, panels=[PANEL]) == {"provisioning": Drift.MISSING}
    file = home / "grafana/acme/dashboards/team-a/svc-svc.json"
    file.write_text(file.read_text().replace("Memory", "Mine"))
    assert set(classes(files, panels=[PANEL]).values()) == {Drift.OUT_OF_BAND, Drift.MISSING}


@pytest.mark.parametrize("edited", [False, True])
def test_a_file_that_somebody_moved_to_another_folder_is_still_ours(
    edited: bool, files: GrafanaFiles, home: Path
) -> None:
    put(files, panels=[PANEL])
    file = home / "grafana/acme/dashboards/team-a/svc-svc.json"
    moved = home / "grafana/acme/dashboards/team-b/svc-svc.json"
    moved.parent.mkdir()
    file.rename(moved)
    if edited:
        moved.write_text(moved.read_text().replace("1.0", "2.0").replace('"Memory"', '"Mine"'))
    seen = files.dashboard("svc-svc")
    assert seen and (seen.owner, seen.folder, seen.as_left) == (ME, "team-b", False)
    found = classes(files, panels=[PANEL])
    assert found["folder"] is Drift.OUT_OF_BAND and ("panel Mine" in found) == edited
    put(files, seen.revision, panels=[PANEL])
    assert classes(files, panels=[PANEL]) == {} and not moved.exists()
    files.delete("svc-svc", files.dashboard("svc-svc").revision)  # type: ignore[union-attr]
    assert not (home / "grafana/acme").exists() or not list((home / "grafana/acme").rglob("*.json"))


def test_a_file_of_another_services_mark_elsewhere_is_not_ours(files: GrafanaFiles, home: Path) -> None:
    put(files, owner=Owner("other", "run-1"))
    file = home / "grafana/acme/dashboards/team-a/svc-svc.json"
    (file.parents[1] / "team-b").mkdir()
    file.rename(file.parents[1] / "team-b" / file.name)
    seen = files.dashboard("svc-svc")
    assert seen and seen.owner == Owner("other", "run-1")
    with pytest.raises(Taken):
        put(files, seen.revision)
