"""How a Grafana is started, and what it finds: to its documentation, as there is no Grafana to try it on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from platformctl.errors import NoAccess, ToolFailed
from platformctl.stack.grafana import Grafana, provisioning, settings
from platformctl.stack.loopback import get
from platformctl.stack.tools import Tools

STAND_IN = """\
#!/usr/bin/env python3
import http.server, json, os, sys
env = {name: value for name, value in os.environ.items() if name.startswith("GF_")}
json.dump({"words": sys.argv[1:], "env": env}, open("seen", "w"))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["GF_SERVER_HTTP_PORT"])), Handler).serve_forever()
"""


def installed(program: Path, home: Path) -> Path:
    """A program that takes Grafana's place, and files that it says are its own."""
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "defaults.ini").touch()
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(STAND_IN)
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("program", "home"),
    [
        ("grafana/bin/grafana", "grafana"),
        ("cellar/bin/grafana", "cellar/share/grafana"),
        ("usr/sbin/grafana", "usr/share/grafana"),
    ],
    ids=["archive", "brew", "package"],
)
def test_it_is_started_with_its_own_files_and_ours(
    program: str, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = installed(tmp_path / program, tmp_path / home)
    monkeypatch.setenv("GF_ALIEN", "x")
    folder = tmp_path / "work"
    with Grafana.start(
        Tools(there.parent), folder, prometheus="http://p:9090", interval=5, dashboard={"uid": "a"}
    ) as it:
        it.wait(10)
        assert get(f"{it.url}/api/health")[0] == 200
        seen = json.loads((folder / "seen").read_text())
        assert seen["words"] == ["server", f"--homepath={tmp_path / home}", f"--config={folder}/grafana.ini"]
        assert seen["env"] == settings(folder, int(it.url.rpartition(":")[2]))
    assert not it.child.running


def test_a_program_behind_a_link_is_followed_to_its_files(tmp_path: Path) -> None:
    there = installed(tmp_path / "opt" / "bin" / "grafana", tmp_path / "opt")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").symlink_to(there)
    with Grafana.start(Tools(tmp_path / "bin"), tmp_path / "work", prometheus="http://p", interval=1) as it:
        it.wait(10)


def test_without_it_or_its_files_it_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin") + os.pathsep + os.defpath)
    if not Tools().look("grafana"):
        with pytest.raises(NoAccess, match="grafana is not on PATH"):
            Grafana.start(Tools(), tmp_path / "work", prometheus="http://p", interval=1)
    program = installed(tmp_path / "bin" / "grafana", tmp_path / "other")
    if not Path("/usr/share/grafana/conf/defaults.ini").exists():
        with pytest.raises(ToolFailed, match="Grafana's own files are not found"):
            Grafana.start(Tools(program.parent), tmp_path / "work", prometheus="http://p", interval=1)
    assert not (tmp_path / "work").exists()


def test_it_finds_a_data_source_and_the_dashboard(tmp_path: Path) -> None:
    files = provisioning(tmp_path / "a$b", "http://127.0.0.1:9090", 0.5, {"uid": "svc-a", "title": "${x}"})
    (source,) = yaml.safe_load(files["provisioning/datasources/prometheus.yaml"])["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == ("prometheus", "http://127.0.0.1:9090", True)
    assert source["jsonData"]["timeInterval"] == "0.5s"
    (provider,) = yaml.safe_load(files["provisioning/dashboards/platformctl.yaml"])["providers"]
    # Grafana reads $name in these files as a variable, and $$ as a dollar.
    assert provider["options"]["path"] == f"{tmp_path}/a$$b/dashboards"
    assert json.loads(files["dashboards/dashboard.json"]) == {"uid": "svc-a", "title": "${x}"}
    assert "dashboards/dashboard.json" not in provisioning(tmp_path, "http://p", 1, None)


def test_nobody_can_reach_it_from_elsewhere_and_it_tells_nobody(tmp_path: Path) -> None:
    given = settings(tmp_path, 1)
    assert given["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert {name: value for name, value in given.items() if name.startswith("GF_ANALYTICS_")} == {
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    }
