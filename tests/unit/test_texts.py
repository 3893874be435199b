"""What resources say of their differences as texts, for diffs: the part that a difference is about, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Diffing, Inputs
from platformctl.backends.alerting.files import AlertingFiles
from platformctl.backends.catalog.files import CatalogFiles
from platformctl.backends.grafana.files import GrafanaFiles
from platformctl.model import Change, Difference, File, Kind, Plane
from platformctl.resources.alert_rules import AlertRules
from platformctl.resources.catalog_registration import CatalogRegistration
from platformctl.resources.files import Files
from platformctl.resources.grafana_dashboard import GrafanaDashboard


def texts(action: Any, inputs: Inputs, before: Any, what: str) -> tuple[str, str] | None:
    assert isinstance(action, Diffing)
    ((address, after),) = action.desired(inputs).items()
    change = Change(address, Kind.UPDATE, "s", Plane.MONITORING, "u", before=before, after=after)
    return action.texts(inputs, change, Difference("~", what))


ALERTS = {
    "files": {"rules.yml": File(b"groups: [new]\n"), "routing.json": File(b'{"receiver": "new", "paging": "env:KEY"}')},
    "service": "svc",
    "environment": "staging",
}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("rules", ("groups: [old]\n", "groups: [new]\n")),
        ("routing.receiver", ('{\n  "receiver": "old"\n}\n', '{\n  "receiver": "new",\n  "paging": "env:KEY"\n}\n')),
        ("shared configuration", None),
    ],
)
def test_alerts(what: str, expected: tuple[str, str] | None, tmp_path: Path) -> None:
    action = AlertRules(AlertingFiles(tmp_path, tmp_path / "lock"))
    before = {"rules": "groups: [old]\n", "routing": {"receiver": "old"}, "shared configuration": "something else"}
    assert texts(action, ALERTS, before, what) == expected


def test_alerts_of_which_a_part_is_not_there(tmp_path: Path) -> None:
    action = AlertRules(AlertingFiles(tmp_path, tmp_path / "lock"))
    before = {"rules": None, "routing": None, "shared configuration": "something else"}
    assert texts(action, ALERTS, before, "rules") == ("", "groups: [new]\n")
    found = texts(action, ALERTS, before, "routing")
    assert found is not None and found[0] == "" and '"receiver": "new"' in found[1]


@pytest.mark.parametrize("what", ["component.spec.owner", "catalog-info.yaml"])
def test_an_entity(what: str, tmp_path: Path) -> None:
    action = CatalogRegistration(CatalogFiles(tmp_path, tmp_path / "lock", "local"))
    inputs = {"name": "svc", "files": {"catalog-info.yaml": File("kind: Component # é\n".encode())}}
    both = texts(action, inputs, {"text": "kind: Thing\n", "listed": True}, what)
    assert both == ("kind: Thing\n", "kind: Component # é\n")
    assert texts(action, inputs, {"text": "kind: Thing\n", "listed": False}, "listing") is None


class Blobs:
    """A forge that has two files."""

    def blob(self, name: str, blob: str) -> bytes:
        return {"text": b"old\n", "image": b"\xff\x00"}[blob]


@pytest.mark.parametrize(
    ("path", "before", "sign", "expected"),
    [
        ("a", {"a": "100644 text"}, "~", ("old\n", "new\n")),
        ("a", {}, "+", ("", "new\n")),
        ("gone", {"gone": "100644 text"}, "-", ("old\n", "")),
        ("a", {"a": "100644 image"}, "~", None),
    ],
)
def test_files(path: str, before: dict[str, str], sign: str, expected: tuple[str, str] | None) -> None:
    action: Any = Files(Blobs())  # type: ignore[arg-type]
    inputs = {"repository": "svc", "files": [{"a": File(b"new\n")}]}
    change = Change("files/svc", Kind.UPDATE, "s", Plane.DEVELOPER, "files", before=before, after={})
    assert action.texts(inputs, change, Difference(sign, path)) == expected


PANEL = {"title": "Errors", "type": "stat", "id": 1, "gridPos": {"x": 0}}
WANTED: dict[str, Any] = {"uid": "svc-svc", "title": "svc", "panels": [PANEL], "tags": ["a"]}
FOUND: dict[str, Any] = {"uid": "svc-svc", "title": "svc", "panels": [{**PANEL, "type": "gauge"}], "version": 7}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            "panel Errors",
            ('{\n  "title": "Errors",\n  "type": "gauge"\n}\n', '{\n  "title": "Errors",\n  "type": "stat"\n}\n'),
        ),
        ("panel Gone", ("", "")),
        ("tags", ("", '[\n  "a"\n]\n')),
        ("folder", None),
        ("provisioning", None),
    ],
)
def test_a_dashboard(what: str, expected: tuple[str, str] | None, tmp_path: Path) -> None:
    action = GrafanaDashboard(GrafanaFiles(tmp_path, tmp_path / "lock"))
    inputs = {"files": {"dashboard.json": File(json.dumps(WANTED).encode())}, "team": "payments"}
    before = {"folder": "team-x", "sha256": "0", "dashboard": FOUND, "run": "r"}
    assert texts(action, inputs, before, what) == expected


def test_a_dashboard_of_another_form(tmp_path: Path) -> None:
    action = GrafanaDashboard(GrafanaFiles(tmp_path, tmp_path / "lock"))
    inputs = {"files": {"dashboard.json": File(json.dumps(WANTED).encode())}, "team": "payments"}
    before = {"folder": "team-x", "sha256": "0", "dashboard": {"panels": {"a": 1}}, "run": "r"}
    found = texts(action, inputs, before, "panels")
    assert found is not None and found[0] == '{\n  "a": 1\n}\n'
