"""A configuration of the organisation's becomes one that can page nobody but us, and that waits less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.errors import BadConfig
from platformctl.stack.alertmanager import redirected
from platformctl.stack.durations import duration, seconds

PAGER = "http://127.0.0.1:1/v2/enqueue"
FULL: dict[str, Any] = {
    "global": {
        "pagerduty_url": "https://events.pagerduty.com/v2/enqueue",
        "slack_api_url": "https://hooks.example.org/x",
        "http_config": {"proxy_url": "http://proxy.example.org"},
    },
    "templates": ["/etc/alertmanager/*.tmpl"],
    "route": {
        "receiver": "default",
        "group_by": ["service"],
        "group_interval": "1m30s",
        "routes": [
            {"receiver": "a", "matchers": ['team="a"'], "group_wait": "0s", "routes": [{"repeat_interval": "1d"}]},
            {"receiver": "b", "matchers": ['team="b"']},
        ],
    },
    "inhibit_rules": [{"source_matchers": ['severity="critical"'], "equal": ["slo"]}],
    "receivers": [
        {"name": "default", "webhook_configs": [{"url": "https://elsewhere.example.org"}]},
        {
            "name": "a",
            "email_configs": [{"to": "a@example.org"}],
            "pagerduty_configs": [
                {
                    "routing_key_file": "/keys/a",
                    "url": "https://events.pagerduty.com/v2/enqueue",
                    "http_config": {"proxy_url": "http://proxy.example.org"},
                    "severity": "{{ .CommonLabels.severity }}",
                },
                {"routing_key_file": "/keys/b"},
            ],
        },
        {"name": "b", "pagerduty_configs": [{"routing_key_file": "/keys/b"}]},
    ],
}


def made(folder: Path, given: Any = FULL, speed: float = 1) -> tuple[dict[str, Any], dict[str, str]]:
    text, keys = redirected(yaml.safe_dump(given), PAGER, folder / "keys", speed)
    return yaml.safe_load(text), dict(keys)


def test_nothing_leads_anywhere_but_to_our_pager(tmp_path: Path) -> None:
    text, _ = redirected(yaml.safe_dump(FULL), PAGER, tmp_path / "keys")
    assert "example.org" not in text
    assert "pagerduty.com" not in text
    assert "/keys/a" not in text
    whole = yaml.safe_load(text)
    assert set(whole) == {"route", "inhibit_rules", "receivers"}
    assert {config["url"] for receiver in whole["receivers"] for config in receiver.get("pagerduty_configs", ())} == {
        PAGER
    }


def test_all_else_stays_as_it_is(tmp_path: Path) -> None:
    whole, _ = made(tmp_path)
    assert whole["route"] == FULL["route"]
    assert whole["inhibit_rules"] == FULL["inhibit_rules"]
    assert whole["receivers"][1]["pagerduty_configs"][0]["severity"] == "{{ .CommonLabels.severity }}"


def test_each_key_stands_for_the_file_that_it_replaces(tmp_path: Path) -> None:
    whole, keys = made(tmp_path)
    _, a, b = whole["receivers"]
    files = [config["routing_key_file"] for config in a["pagerduty_configs"] + b["pagerduty_configs"]]
    assert [keys[Path(file).read_text()] for file in files] == ["/keys/a", "/keys/b", "/keys/b"]
    assert all(len(key) == 32 for key in keys)
    assert made(tmp_path)[1].keys().isdisjoint(keys)


def test_waiting_is_shorter_by_the_speed_with_the_defaults_filled_in(tmp_path: Path) -> None:
    route = made(tmp_path, speed=120)[0]["route"]
    waits = {name: seconds(route[name]) for name in ("group_wait", "group_interval", "repeat_interval")}
    assert waits == {"group_wait": 0.25, "group_interval": 0.75, "repeat_interval": 120}
    first, second = route["routes"]
    assert (first["group_wait"], seconds(first["routes"][0]["repeat_interval"])) == ("0s", 720)
    assert "group_wait" not in second


BAD = {
    "": "NoneType",
    "- 1": "list",
    "a: [": "flow node",
    "route: {receiver: a}": "it has no 'receivers'",
    "route: {}\nreceivers: [{name: a, pagerduty_configs: [{routing_key: x}]}]": "no routing_key_file",
    "route: {}\nreceivers: [1]": "int",
    "route: {receiver: a, group_wait: soon}\nreceivers: [{name: a}]": "'soon' is no duration",
    "receivers: [{name: a}]": "it has no 'route'",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_configuration_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"alertmanager\.yml: this is no configuration of Alertmanager") as caught:
        redirected(text, PAGER, tmp_path / "keys", 2)
    assert BAD[text] in caught.value.what
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "keys").exists()


DURATIONS = {
    "0": 0,
    "0s": 0,
    "1ms": 0.001,
    "90s": 90,
    "1m30s": 90,
    "1h": 3600,
    "1d12h": 129600,
    "1w": 604800,
    "1y": 31536000,
}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations_are_prometheus(text: str) -> None:
    assert seconds(text) == pytest.approx(DURATIONS[text])
    assert seconds(duration(seconds(text))) == pytest.approx(DURATIONS[text])


@pytest.mark.parametrize("text", ["", "1", "m", "1.5h", "1h ", "-1h", "1h30", "1 h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


def test_a_duration_is_never_too_short_to_count() -> None:
    assert (duration(0.0001), duration(0), duration(1.2345)) == ("1ms", "0s", "1234ms")
