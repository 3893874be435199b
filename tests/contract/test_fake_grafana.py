"""The fake Grafana keeps the rules that it cites, as a client without any library of ours sees them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import requests

from platformctl.testing.grafana import FakeGrafana, Fault

NEW: Final = "13.1.0"
OLD: Final = "10.4.0"
_BOARDS: Final = "/apis/dashboard.grafana.app/v1/namespaces/default/dashboards"
_FOLDERS: Final = "/apis/folder.grafana.app/v1/namespaces/default/folders"

Ask = Callable[..., requests.Response]


@pytest.fixture
def fakes() -> Iterator[Callable[[str], FakeGrafana]]:
    """Grafanas of given versions with a folder `f`, a dashboard `a` in it, one from a file, and three tokens."""
    made: list[FakeGrafana] = []

    def make(version: str) -> FakeGrafana:
        fake = FakeGrafana(version)
        fake.__enter__()
        made.append(fake)
        for role in ("admin", "editor", "viewer"):
            fake.token(role, role)
        fake.token("stranger", organisation=2)
        fake.folder("f", "F")
        fake.folder("closed", "Closed", {})
        fake.save("a", {"title": "A", "schemaVersion": 40}, "f")
        fake.save("file", {"title": "From a file"}, "f", provisioned=True)
        return fake

    yield make
    for fake in made:
        fake.__exit__(None, None, None)


def ask(fake: FakeGrafana, method: str, path: str, body: Any = None, token: str = "admin") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{fake.url}{path}", json=body, headers=headers, timeout=10)


def board(uid: str, folder: str = "f", title: str = "B", schema: int = 40, **metadata: Any) -> dict[str, Any]:
    """A dashboard as the newer API takes it."""
    annotations = {"grafana.app/folder": folder}
    spec = {"title": title, "schemaVersion": schema}
    return {"metadata": {"name": uid, "annotations": annotations, **metadata}, "spec": spec}


def old(uid: str, folder: str | None = "f", title: str = "B", version: int = 0, **more: Any) -> dict[str, Any]:
    """A dashboard as the older API takes it."""
    where = {} if folder is None else {"folderUid": folder}
    return {"dashboard": {"uid": uid, "title": title, "version": version}, "overwrite": False, **where, **more}


RULES: Final[dict[str, tuple[str, str, str, Any, str, int, str]]] = {
    # older: saving
    "it is made": (OLD, "POST", "/api/dashboards/db", old("b"), "admin", 200, "success"),
    "no JSON": (OLD, "POST", "/api/dashboards/db", ["x"], "admin", 400, "bad request data"),
    "no title": (OLD, "POST", "/api/dashboards/db", old("b", title=" "), "admin", 400, "title cannot be empty"),
    "long title": (OLD, "POST", "/api/dashboards/db", old("b", title="x" * 5001), "admin", 400, "5 000 characters"),
    "long uid": (OLD, "POST", "/api/dashboards/db", old("b" * 41), "admin", 400, "uid too long, max 40 characters"),
    "bad uid": (OLD, "POST", "/api/dashboards/db", old("a/b"), "admin", 400, "illegal characters"),
    "long message": (OLD, "POST", "/api/dashboards/db", old("b", message="x" * 501), "admin", 400, "max 500"),
    "no folder": (OLD, "POST", "/api/dashboards/db", old("b", "none"), "admin", 400, "folder not found"),
    "stale": (OLD, "POST", "/api/dashboards/db", old("a", title="A", version=9), "admin", 412, "version-mismatch"),
    "it is there": (OLD, "POST", "/api/dashboards/db", old("a", title="A"), "admin", 412, "version-mismatch"),
    "swapped": (OLD, "POST", "/api/dashboards/db", old("a", title="A", version=1), "admin", 200, '"version": 2'),
    "overwritten": (OLD, "POST", "/api/dashboards/db", old("a", overwrite=True), "admin", 200, '"version": 2'),
    "same title": (OLD, "POST", "/api/dashboards/db", old("b", title="A"), "admin", 412, "name-exists"),
    "same title, 13": (NEW, "POST", "/api/dashboards/db", old("b", title="A"), "admin", 200, "success"),
    "provisioned": (OLD, "POST", "/api/dashboards/db", old("file", version=1), "admin", 400, "Cannot save provisioned"),
    "a viewer saves": (OLD, "POST", "/api/dashboards/db", old("b"), "viewer", 403, "dashboards:create"),
    "an editor saves": (OLD, "POST", "/api/dashboards/db", old("b"), "editor", 200, "success"),
    "a closed folder": (OLD, "POST", "/api/dashboards/db", old("b", "closed"), "editor", 403, "Access denied"),
    # older: looking and deleting
    "it is shown": (OLD, "GET", "/api/dashboards/uid/a", None, "viewer", 200, '"folderUid": "f"'),
    "nothing there": (OLD, "GET", "/api/dashboards/uid/none", None, "admin", 404, "Dashboard not found"),
    "nothing to see": (OLD, "GET", "/api/dashboards/uid/none", None, "editor", 403, "dashboards:read"),
    "it is deleted": (OLD, "DELETE", "/api/dashboards/uid/a", None, "editor", 200, "deleted"),
    "a viewer deletes": (OLD, "DELETE", "/api/dashboards/uid/a", None, "viewer", 403, "dashboards:delete"),
    "a file's stays": (OLD, "DELETE", "/api/dashboards/uid/file", None, "admin", 400, "cannot be deleted"),
    "a folder": (OLD, "GET", "/api/folders/f", None, "viewer", 200, '"title": "F"'),
    "no such folder": (OLD, "GET", "/api/folders/none", None, "admin", 404, "not-found"),
    "no folder to see": (OLD, "GET", "/api/folders/none", None, "viewer", 403, "folders:read"),
    "a folder again": (OLD, "POST", "/api/folders", {"uid": "f", "title": "G"}, "admin", 409, "same uid"),
    "a folder's title": (OLD, "POST", "/api/folders", {"uid": "g", "title": "F"}, "admin", 409, "same name"),
    "that title, 13": (NEW, "POST", "/api/folders", {"uid": "g", "title": "F"}, "admin", 200, '"uid": "g"'),
    "a nameless folder": (OLD, "POST", "/api/folders", {"uid": "g"}, "admin", 400, "title cannot be empty"),
    "a viewer's folder": (OLD, "POST", "/api/folders", {"uid": "g", "title": "G"}, "viewer", 403, "folders:create"),
    # newer: what there is
    "described": (NEW, "GET", "/apis/dashboard.grafana.app", None, "viewer", 200, '"version": "v1"'),
    "not in 10": (OLD, "GET", "/apis/dashboard.grafana.app", None, "admin", 404, "could not find"),
    "another version": (NEW, "GET", _BOARDS.replace("v1", "v9") + "/a", None, "admin", 404, "could not find"),
    "invalid org": (NEW, "GET", f"{_BOARDS}/a", None, "stranger", 403, "invalid org"),
    # newer: dashboards
    "made": (NEW, "POST", _BOARDS, board("b"), "editor", 201, '"generation": 1'),
    "made again": (NEW, "POST", _BOARDS, board("a"), "admin", 409, "AlreadyExists"),
    "made as another": (NEW, "POST", _BOARDS, board("b", resourceVersion="1"), "admin", 400, "should not be set"),
    "in no folder": (NEW, "POST", _BOARDS, board("b", "none"), "admin", 404, 'folders.folder.grafana.app \\"none\\"'),
    "no name": (NEW, "POST", _BOARDS, board("b", title=""), "admin", 400, "title cannot be empty"),
    "a long name": (NEW, "POST", _BOARDS, board("b" * 41), "admin", 400, "max 40 characters"),
    "no spec": (NEW, "POST", _BOARDS, {"metadata": {}}, "admin", 400, "unknown format"),
    "an old schema": (NEW, "POST", _BOARDS, board("b", schema=1), "admin", 422, "too old"),
    "an old schema, let": (NEW, "POST", f"{_BOARDS}?fieldValidation=Ignore", board("b", schema=1), "admin", 201, "b"),
    "brought to now": (NEW, "POST", _BOARDS, board("b", schema=36), "admin", 201, '"schemaVersion": 42'),
    "a stale swap": (NEW, "PUT", f"{_BOARDS}/a", board("a", resourceVersion="1"), "admin", 409, "has been modified"),
    "without a swap": (NEW, "PUT", f"{_BOARDS}/a", board("a"), "admin", 200, '"generation": 2'),
    "a viewer's": (NEW, "PUT", f"{_BOARDS}/a", board("a"), "viewer", 403, "forbidden"),
    "to a closed one": (NEW, "PUT", f"{_BOARDS}/a", board("a", "closed"), "editor", 403, "forbidden"),
    "none to change": (NEW, "PUT", f"{_BOARDS}/none", board("none"), "admin", 404, "not found"),
    "none to see": (NEW, "GET", f"{_BOARDS}/none", None, "viewer", 404, "not found"),
    "seen": (NEW, "GET", f"{_BOARDS}/a", None, "viewer", 200, '"grafana.app/folder": "f"'),
    "a stale end": (NEW, "DELETE", f"{_BOARDS}/a", {"preconditions": {"resourceVersion": "1"}}, "admin", 409, "modif"),
    "another's end": (NEW, "DELETE", f"{_BOARDS}/a", {"preconditions": {"uid": "x"}}, "admin", 409, "modified"),
    "an end": (NEW, "DELETE", f"{_BOARDS}/a", None, "editor", 200, "Success"),
    "no end": (NEW, "DELETE", f"{_BOARDS}/file", None, "admin", 400, "cannot be deleted"),
    # newer: folders
    "a new folder": (NEW, "POST", _FOLDERS, {"metadata": {"name": "g"}, "spec": {"title": "G"}}, "editor", 201, "G"),
    "one of that name": (NEW, "POST", _FOLDERS, {"metadata": {"name": "f"}, "spec": {"title": "G"}}, "admin", 409, "f"),
    "one too long": (
        NEW,
        "POST",
        _FOLDERS,
        {"metadata": {"name": "g" * 41}, "spec": {"title": "G"}},
        "admin",
        400,
        "40",
    ),
    "not a viewer's": (
        NEW,
        "POST",
        _FOLDERS,
        {"metadata": {"name": "g"}, "spec": {"title": "G"}},
        "viewer",
        403,
        "perm",
    ),
    "no folder, 13": (NEW, "GET", f"{_FOLDERS}/none", None, "admin", 404, "folder not found"),
    "no folder, editor": (NEW, "GET", f"{_FOLDERS}/none", None, "editor", 500, "could not resolve"),
    # both
    "no token": (OLD, "GET", "/api/dashboards/uid/a", None, "", 401, "Unauthorized"),
    "a wrong token": (OLD, "GET", "/api/dashboards/uid/a", None, "x", 401, "Invalid API key"),
    "a wrong token, 13": (NEW, "GET", f"{_BOARDS}/a", None, "x", 401, "Unauthorized"),
    "how it is": (NEW, "GET", "/api/health", None, "", 200, '"version": "13.1.0"'),
    "what a viewer may": (NEW, "GET", "/api/access-control/user/permissions", None, "viewer", 200, "folders:uid:f"),
    "what an admin may": (NEW, "GET", "/api/access-control/user/permissions", None, "admin", 200, "folders:*"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_kept(name: str, fakes: Callable[[str], FakeGrafana]) -> None:
    version, method, path, body, token, status, says = RULES[name]
    fake = fakes(version)
    before = fake.state()
    answer = ask(fake, method, path, body, token)
    assert (answer.status_code, says in answer.text) == (status, True), f"{answer.status_code} {answer.text}"
    if status >= 400 or method == "GET":
        assert fake.state() == before


def test_a_save_without_its_folder_moves_it_to_the_root(fakes: Callable[[str], FakeGrafana]) -> None:
    fake = fakes(OLD)
    ask(fake, "POST", "/api/dashboards/db", old("a", None, title="A", version=1))
    assert fake.state()["dashboards"]["a"][0] == ""


@pytest.mark.parametrize("path", ["/api/folders/f", f"{_FOLDERS}/f"])
def test_a_folder_goes_with_everything_in_it(path: str, fakes: Callable[[str], FakeGrafana]) -> None:
    fake = fakes(NEW)
    assert ask(fake, "DELETE", path).status_code == 200
    assert fake.state()["dashboards"] == {}


@pytest.mark.parametrize(("asked", "seen"), [({}, 403), ({"grafana.app/grant-permissions": "default"}, 200)], ids=str)
def test_others_see_a_new_folder_only_when_that_was_asked_for(
    asked: dict[str, str], seen: int, fakes: Callable[[str], FakeGrafana]
) -> None:
    fake = fakes(NEW)
    ask(fake, "POST", _FOLDERS, {"metadata": {"name": "g", "annotations": asked}, "spec": {"title": "G"}})
    assert ask(fake, "GET", f"{_FOLDERS}/g", token="viewer").status_code == seen


def test_versions_count_what_changes(fakes: Callable[[str], FakeGrafana]) -> None:
    """Here a change of content or folder counts, and resourceVersion moves with each write."""
    fake = fakes(NEW)
    seen = [ask(fake, "PUT", f"{_BOARDS}/a", board("a", title=title)).json()["metadata"] for title in "XXY"]
    assert [about["generation"] for about in seen] == [2, 2, 3]
    assert len({about["resourceVersion"] for about in seen}) == 3
    assert ask(fake, "PUT", f"{_BOARDS}/a", board("a", "", title="Y")).json()["metadata"]["generation"] == 4


def test_both_apis_show_the_same_dashboard(fakes: Callable[[str], FakeGrafana]) -> None:
    fake = fakes(NEW)
    ask(fake, "PUT", f"{_BOARDS}/a", board("a", title="X"))
    found = ask(fake, "GET", "/api/dashboards/uid/a").json()
    assert (found["dashboard"]["title"], found["dashboard"]["version"], found["meta"]["folderUid"]) == ("X", 2, "f")


@pytest.mark.parametrize("version", ["9.5.0", "x", "13"])
def test_a_version_that_it_does_not_know_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="no version of Grafana"):
        FakeGrafana(version)


def test_bad_weather_can_be_ordered(fakes: Callable[[str], FakeGrafana]) -> None:
    fake = fakes(NEW)
    fake.faults.add(Fault("502"))
    fake.faults.add(Fault("secondary", request=2, seconds=3))
    assert ask(fake, "GET", "/api/health").status_code == 502
    busy = ask(fake, "GET", "/api/health")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "3")
    fake.faults.add(Fault("reset_after", match=lambda request: request.method == "DELETE"))
    with pytest.raises(requests.ConnectionError):
        ask(fake, "DELETE", "/api/dashboards/uid/a")
    assert "a" not in fake.state()["dashboards"]


def test_it_can_be_a_server_of_its_own() -> None:
    command = [sys.executable, "-m", "platformctl.testing.grafana", "--version", "12.0.0", "--token", "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = requests.get(f"{url}/api/folders/x", headers={"Authorization": "Bearer t"}, timeout=10)
        process.terminate()
    assert (answer.status_code, process.returncode) == (404, 0)
