"""What the port `grafana` does over HTTP besides its contract: with which API, after lost answers, with which token."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl.backends.grafana import DashboardState, digest
from platformctl.backends.grafana.http import client
from platformctl.backends.grafana.http.grafana import GrafanaHttp
from platformctl.errors import BadConfig, Failure, Moved, NoAccess, NotFound, Taken, ToolFailed
from platformctl.model import Json, Owner
from platformctl.testing.grafana import Exchange, FakeGrafana, Fault, Request
from tests.fake_grafana import TOKEN, VARIABLE, completed

ME: Final = Owner("svc", "20261124-010203004-svc-0a1b")
PAGE: Final[dict[str, Json]] = {"uid": "svc-svc", "title": "svc", "panels": [], "schemaVersion": 36}
VERSIONS: Final = ("13.1.0", "12.0.0", "11.2.0")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.01, 0.01, 0.01))
    monkeypatch.setattr("platformctl.backends.grafana.http.grafana.PAUSES", (0.01, 0.01, 0.01, 0.01))


@pytest.fixture(params=VERSIONS)
def fake(request: pytest.FixtureRequest) -> Iterator[FakeGrafana]:
    with FakeGrafana(request.param) as made:
        yield made


@pytest.fixture
def of(tmp_path: Path) -> Callable[..., GrafanaHttp]:
    """The backend for a Grafana, with settings."""
    return lambda fake, **settings: GrafanaHttp.configured(completed(fake, tmp_path, **settings), tmp_path)


@pytest.fixture
def grafana(fake: FakeGrafana, of: Callable[..., GrafanaHttp]) -> GrafanaHttp:
    return of(fake)


def put(grafana: GrafanaHttp, revision: str = "", folder: str = "team-payments", **page: Json) -> DashboardState:
    return grafana.put("svc-svc", PAGE | page, folder, ME, revision)


def writes(fake: FakeGrafana) -> list[Exchange]:
    return [exchange for exchange in fake.exchanges if exchange.method != "GET"]


def saves(request: Request) -> bool:
    """Whether a request writes a dashboard."""
    return request.method in ("POST", "PUT") and "dashboards" in request.path


def deletes(request: Request) -> bool:
    return request.method == "DELETE"


# Which API.


@pytest.mark.parametrize(
    ("version", "settings", "groups", "used"),
    [
        ("13.1.0", {}, {}, "/apis/dashboard.grafana.app/v1/"),
        ("12.0.0", {}, {}, "/apis/dashboard.grafana.app/v1beta1/"),
        ("11.6.0", {}, {}, "/api/dashboards/"),
        ("13.1.0", {"api": "legacy"}, {}, "/api/dashboards/"),
        ("13.1.0", {"api": "apis"}, {}, "/apis/dashboard.grafana.app/v1/"),
        ("12.0.0", {}, {"dashboards": ("v0alpha1", "v2alpha1")}, "/api/dashboards/"),
        ("14.0.0", {}, {"dashboards": ("v3", "v2")}, "/api/dashboards/"),
        ("13.1.0", {}, {"folders": ()}, "/api/dashboards/"),
    ],
    ids=str,
)
def test_the_best_api_that_both_know_is_used(
    version: str, settings: dict[str, str], groups: dict[str, Any], used: str, of: Callable[..., GrafanaHttp]
) -> None:
    with FakeGrafana(version, **groups) as fake:
        grafana = of(fake, **settings)
        put(grafana)
        put(grafana, put(grafana).revision, title="again")
        about = [exchange.path for exchange in fake.exchanges if "/dashboards" in exchange.path]
        assert about and [path for path in about if not path.startswith(used)] == []
        assert sum(exchange.path.count("/") == 2 for exchange in fake.exchanges if "/apis/" in exchange.path) <= 2


def test_an_api_that_is_wanted_and_not_there_is_named(of: Callable[..., GrafanaHttp]) -> None:
    with FakeGrafana("11.6.0") as fake, pytest.raises(BadConfig, match="none of the versions v1, v1beta1"):
        put(of(fake, api="apis"))


def test_another_organisation_has_a_namespace_of_its_own(of: Callable[..., GrafanaHttp]) -> None:
    with FakeGrafana() as fake:
        other = of(fake, namespace="org-2")
        with pytest.raises(NoAccess, match="invalid org"):
            put(other)
        fake.token(TOKEN, organisation=2)
        assert put(other).owner == ME


# Swaps, and what Grafana makes of a dashboard.


def test_what_is_as_it_should_be_is_not_written(grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    state = put(grafana)
    before = len(writes(fake))
    assert put(grafana, state.revision) == state == put(grafana)
    assert len(writes(fake)) == before


def test_a_dashboard_that_grafana_rewrites_is_no_drift_until_somebody_changes_it(
    grafana: GrafanaHttp, fake: FakeGrafana
) -> None:
    put(grafana)
    state = grafana.dashboard("svc-svc")
    assert state is not None and state.sha256 == digest(PAGE)
    fake.save("svc-svc", {**fake.spec("svc-svc"), "panels": [{"title": "mine"}]}, "team-payments")
    edited = grafana.dashboard("svc-svc")
    assert edited is not None and edited.sha256 != digest(PAGE)
    assert edited.owner == ME  # the mark outlives the editor
    assert put(grafana, edited.revision).sha256 == digest(PAGE)


def test_a_dashboard_that_was_moved_is_put_back(grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    put(grafana)
    fake.folder("others", "Others")
    fake.save("svc-svc", fake.spec("svc-svc"), "others")
    moved = grafana.dashboard("svc-svc")
    assert moved is not None and moved.folder == "others"
    assert put(grafana, moved.revision).folder == "team-payments"


def just_before_the_next_write(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let somebody be faster: between the look and the write."""
    send = client.Client.send

    def late(self: client.Client, verb: str, path: str, body: Any = None) -> Any:
        monkeypatch.setattr(client.Client, "send", send)
        act()
        return send(self, verb, path, body)

    monkeypatch.setattr(client.Client, "send", late)


def test_a_swap_that_loses_at_the_last_moment_overwrites_nothing(
    grafana: GrafanaHttp, fake: FakeGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = put(grafana)
    just_before_the_next_write(monkeypatch, lambda: fake.save("svc-svc", {"title": "theirs"}, "team-payments"))
    with pytest.raises(Moved):
        put(grafana, state.revision, title="mine")
    assert fake.spec("svc-svc") == {"title": "theirs"}


def test_one_that_comes_at_the_last_moment_is_not_overwritten(
    grafana: GrafanaHttp, fake: FakeGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.folder("team-payments", "Payments")
    just_before_the_next_write(monkeypatch, lambda: fake.save("svc-svc", {"title": "theirs"}, "team-payments"))
    with pytest.raises(Moved):
        put(grafana)
    assert fake.spec("svc-svc") == {"title": "theirs"}


@pytest.mark.parametrize("version", ["13.1.0", "12.0.0"])
def test_a_deletion_is_a_swap_where_grafana_has_one(
    version: str, of: Callable[..., GrafanaHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below `/api` it has none: what comes between the look and the deletion is lost."""
    with FakeGrafana(version) as fake:
        grafana = of(fake)
        state = put(grafana)
        just_before_the_next_write(monkeypatch, lambda: fake.save("svc-svc", {"title": "theirs"}, "team-payments"))
        with pytest.raises(Moved):
            grafana.delete("svc-svc", state.revision)
        assert fake.spec("svc-svc") == {"title": "theirs"}


@pytest.mark.parametrize("provisioned", [False, True])
def test_what_somebody_else_made_is_taken(provisioned: bool, grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    fake.save("svc-svc", {"title": "theirs"}, provisioned=provisioned)
    state = grafana.dashboard("svc-svc")
    assert state is not None and state.owner == Owner("", "")
    with pytest.raises(Taken):
        put(grafana, state.revision)
    assert fake.spec("svc-svc") == {"title": "theirs"}


def test_the_mark_is_hidden_and_one(grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    variables = [{"name": "environment", "type": "custom"}]
    state = put(grafana, templating={"list": variables})
    put(grafana, state.revision, templating={"list": variables}, title="again")
    *others, mark = fake.spec("svc-svc")["templating"]["list"]
    assert others == variables
    assert (mark["name"], mark["type"], mark["hide"], mark["skipUrlSync"]) == ("platformctl", "constant", 2, True)


# Folders.


def test_a_teams_folder_is_made_once_with_its_name_and_grafanas_permissions(
    grafana: GrafanaHttp, fake: FakeGrafana
) -> None:
    state = put(grafana)
    grafana.put("svc-b", PAGE | {"uid": "svc-b", "title": "b"}, "team-payments", Owner("b", "r"), "")
    assert fake.state()["folders"] == {"team-payments": ["Payments", {"editor": "edit", "viewer": "view"}]}
    grafana.delete("svc-svc", state.revision)
    assert list(fake.state()["dashboards"]) == ["svc-b"]


def test_a_folder_that_is_there_keeps_what_the_team_made_of_it(grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    fake.folder("team-payments", "Money", {"editor": "view"})
    put(grafana)
    assert fake.state()["folders"] == {"team-payments": ["Money", {"editor": "view"}]}


def test_a_title_that_is_taken_is_named(of: Callable[..., GrafanaHttp]) -> None:
    """Until 11.3 titles were unique."""
    with FakeGrafana("11.2.0") as fake:
        fake.folder("x", "Payments")
        with pytest.raises(ToolFailed, match="same name already exists") as refused:
            put(of(fake))
        assert refused.value.hint == "Rename what has that name in Grafana"
    with FakeGrafana("11.2.0") as fake:
        fake.folder("team-payments", "Payments")
        fake.save("x", {"title": "svc"}, "team-payments")
        with pytest.raises(ToolFailed, match="same name in the folder already exists"):
            put(of(fake))


@pytest.mark.parametrize(("uid", "folder"), [("svc-svc", f"team-{'x' * 36}"), ("x" * 41, "team-a"), ("a/b", "team-a")])
def test_names_that_grafana_does_not_take_are_refused_while_planning(
    uid: str, folder: str, grafana: GrafanaHttp
) -> None:
    with pytest.raises(NotFound, match="40 characters"):
        grafana.url(uid, folder)


# Lost answers.


LOST: Final = {
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after"},
    "502 before": {"kind": "502"},
    "502 after": {"kind": "502", "acted": True},
    "500": {"kind": "500"},
    "503": {"kind": "503"},
    "late before": {"kind": "hang", "seconds": 0.4},
    "late after": {"kind": "hang", "seconds": 0.4, "acted": True},
    "busy": {"kind": "secondary", "seconds": 1},
}


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("match", [saves, deletes, None], ids=["save", "delete", "any"])
def test_an_answer_that_is_lost_is_looked_for(
    how: str, match: Callable[[Request], bool] | None, fake: FakeGrafana, of: Callable[..., GrafanaHttp]
) -> None:
    grafana = of(fake, timeout_seconds=0.2)
    waits: list[tuple[str, float]] = []
    grafana.wait_with(lambda why, seconds: waits.append((why, seconds)))
    fake.faults.add(Fault(match=match, **LOST[how]))
    state = put(grafana)
    assert (state.sha256, state.owner) == (digest(PAGE), ME)
    assert json.dumps(fake.spec("svc-svc")).count(ME.run) == 1
    assert int(fake.exchanges[-1].status) == 200
    grafana.delete("svc-svc", state.revision)
    assert fake.state()["dashboards"] == {}
    assert waits == ([("Grafana asks for a pause", 1.0)] if how == "busy" else [])


@pytest.mark.parametrize("times", [2, 3, 4])
def test_it_is_patient_for_a_while(times: int, grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    fake.faults.add(Fault("reset_before", match=saves, times=times))
    assert put(grafana).owner == ME


def test_what_was_asked_is_counted(grafana: GrafanaHttp, fake: FakeGrafana) -> None:
    put(grafana)
    usage = grafana.usage()
    assert (usage.server, usage.requests) == ("Grafana", len(fake.exchanges))
    assert usage.writes == len(writes(fake)) == 2


# One clear line.


BAD: Final[dict[str, tuple[dict[str, Any], type[Failure], Sequence[str]]]] = {
    "500 for ever": ({"fault": Fault("500", times=99)}, ToolFailed, ["Grafana answered GET", "with 500"]),
    "502 on writes": ({"fault": Fault("502", times=99, match=saves)}, ToolFailed, ["answered", "with 502"]),
    "resets": ({"fault": Fault("reset_before", times=99)}, ToolFailed, ["cannot be reached", "grafana.url"]),
    "hangs": ({"fault": Fault("hang", times=99, seconds=0.2)}, ToolFailed, ["did not answer in time", "timeout"]),
    "a long pause": ({"fault": Fault("secondary", seconds=600)}, ToolFailed, ["asks to wait 600 s"]),
    "no token": ({"token": ""}, NoAccess, [f"{VARIABLE} is not set", "service account"]),
    "no header": ({"token": "glsa_a\nb"}, NoAccess, [f"what {VARIABLE} holds is no token"]),
    "an unknown token": ({"token": "glsa_unknown"}, NoAccess, ["does not accept the token", VARIABLE]),
    "a viewer": ({"token": "viewer"}, NoAccess, ["Grafana refused", "doctor --platform"]),
    "no server": ({"url": "http://127.0.0.1:9"}, ToolFailed, ["127.0.0.1:9", "cannot be reached"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_goes_wrong_is_one_clear_line(
    name: str, fake: FakeGrafana, of: Callable[..., GrafanaHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, kind, says = BAD[name]
    fake.token("viewer", "viewer")
    monkeypatch.setenv(VARIABLE, wrong.get("token", TOKEN))
    settings = {"url": wrong["url"]} if "url" in wrong else {}
    grafana = of(fake, timeout_seconds=0.1, **settings)
    if "fault" in wrong:
        fake.faults.add(wrong["fault"])
    with pytest.raises(kind) as raised:
        put(grafana)
    line = str(raised.value)
    assert [text for text in says if text not in line] == [] and "\n" not in line, line
    assert "glsa_" not in line
    assert fake.state()["dashboards"] == {}


# What answers is not Grafana, or says too much.


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A server that always says the same; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ((200, b"<html>"), BadConfig, "what answers there is not Grafana. Correct grafana.url"),
        ((401, TOKEN.encode()), NoAccess, "does not accept the token"),
        ((403, json.dumps({"message": f"not\n{TOKEN}"}).encode()), NoAccess, "not …. See"),
        ((418, b"<html>"), ToolFailed, "status 418"),
    ],
    ids=["a page", "401", "the token in its message", "no message"],
)
def test_what_answers_is_not_grafana(
    answer: tuple[int, bytes], kind: type[Failure], says: str, of: Callable[..., GrafanaHttp]
) -> None:
    with FakeGrafana() as fake, answering(*answer) as address:
        with pytest.raises(kind) as raised:
            of(fake, url=address).dashboard("svc-svc")
        assert says in str(raised.value) and TOKEN not in str(raised.value)


def test_the_token_does_not_follow_a_redirect(of: Callable[..., GrafanaHttp]) -> None:
    with FakeGrafana() as fake, answering(302, b"", Location=f"{fake.url}/login?to=x") as address:
        with pytest.raises(BadConfig, match=r"redirects to http://127\.0\.0\.1\. Correct"):
            of(fake, url=address).dashboard("svc-svc")
        assert fake.exchanges == []


def test_a_netrc_does_not_replace_the_token(
    grafana: GrafanaHttp, fake: FakeGrafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    put(grafana)
    assert {exchange.request_headers["authorization"] for exchange in fake.exchanges} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("path", ["", "/"])
def test_a_grafana_below_a_path_is_linked_there(path: str, of: Callable[..., GrafanaHttp]) -> None:
    with FakeGrafana() as fake:
        grafana = of(fake, url=f"https://example.org/grafana{path}")
        assert grafana.url("svc-svc", "team-a") == grafana.link("svc-svc", "team-a")
        assert grafana.link("svc-svc", "team-a") == "https://example.org/grafana/d/svc-svc"
