"""The dashboard that is rendered: what is in it, and what it refuses. What Grafana and Prometheus make of it is tested
with the golden path."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from platformctl.document import first_problem
from platformctl.errors import BadRecipe
from platformctl.renderers.dashboard import Dashboard, uid

SERVICE: dict[str, Any] = {
    "signals": {
        "event": "requests",
        "duration": "http_server_request_duration_seconds",
        "failed": {"label": "http_response_status_code", "matches": "5.."},
        "by": ["http_route"],
    },
    "service": "payments-api",
    "description": "Takes payments",
    "team": "payments",
    "tier": "standard",
    "environments": ["staging", "production"],
    "slo": {"availability": 99.9, "seconds": 0.5},
    "saturation": [{"metric": "http_server_active_requests", "title": "In progress", "unit": "short"}],
    "links": {"repository": "https://git.example.org/acme/payments-api", "runbook": "https://docs.example.org/x"},
}
WORKER: dict[str, Any] = {
    "signals": {
        "event": "messages",
        "duration": "messaging_process_duration_seconds",
        "failed": {"label": "error_type", "matches": ".+"},
        "backlog": {"waiting": "messaging_queue_messages", "oldest": "messaging_queue_oldest_message_age_seconds"},
    },
    "service": "mailer",
    "team": "post",
    "tier": "batch",
    "environments": ["staging"],
    "slo": {"availability": 99, "seconds": 1, "share": 95, "waiting_seconds": 60},
}
KINDS = {"service": SERVICE, "worker": WORKER}


def rendered(given: dict[str, Any]) -> dict[str, Any]:
    """The dashboard, after its inputs were found right."""
    assert first_problem(Dashboard.INPUTS, given) is None
    found: dict[str, Any] = json.loads(Dashboard().render(given)["dashboard.json"].content)
    return found


def panel(dashboard: dict[str, Any], title: str) -> dict[str, Any]:
    """The one panel with this title."""
    (found,) = (panel for panel in dashboard["panels"] if panel["title"] == title)
    return dict(found)


def lines(panel: dict[str, Any]) -> list[float]:
    """Where thresholds are, without the first colour's."""
    return [step["value"] for step in panel["fieldConfig"]["defaults"].get("thresholds", {"steps": [0]})["steps"][1:]]


@pytest.mark.parametrize(
    ("kind", "signals"),
    [
        ("service", ["Objectives", "Latency", "Traffic", "Errors", "Saturation"]),
        ("worker", ["Objectives", "Backlog", "Latency", "Traffic", "Errors", "Saturation"]),
    ],
)
def test_a_row_for_each_golden_signal(kind: str, signals: list[str]) -> None:
    rows = [panel["title"].partition(":")[0] for panel in rendered(KINDS[kind])["panels"] if panel["type"] == "row"]
    assert rows == signals


@pytest.mark.parametrize("kind", KINDS)
def test_panels_can_be_told_apart_and_say_what_they_are(kind: str) -> None:
    panels = rendered(KINDS[kind])["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    assert len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        if panel["type"] != "row":
            assert panel["title"] == "In progress" or panel["description"]
            assert panel["fieldConfig"]["defaults"]["unit"]
            letters = [query["refId"] for query in panel["targets"]]
            assert letters and len(set(letters)) == len(letters)


@pytest.mark.parametrize("kind", KINDS)
def test_panels_fill_the_page_and_do_not_overlap(kind: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in rendered(KINDS[kind])["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24
        taken |= cells
    assert len(taken) == 24 * (max(y for _, y in taken) + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_graphs_name_their_series_and_draw_their_lines(kind: str) -> None:
    for panel in rendered(KINDS[kind])["panels"]:
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"]
            assert all(query["legendFormat"] for query in panel["targets"])
            style = panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"]
            assert style == ("dashed" if lines(panel) != [] else "off")


@pytest.mark.parametrize(
    ("availability", "budget"),
    [(99.9, "0.001"), (99.99, "0.0001"), (99.999, "0.00001"), (99.95, "0.0005"), (99, "0.01"), (90, "0.1"), (0, "1")],
)
def test_budgets_are_exact(availability: float, budget: str) -> None:
    dashboard = rendered({**SERVICE, "slo": {"availability": availability, "seconds": 0.5}})
    assert panel(dashboard, "Availability: budget left")["targets"][0]["expr"].endswith(f" / {budget}")
    assert panel(dashboard, "Burn rate")["targets"][0]["expr"].endswith(f" / {budget}")
    assert lines(panel(dashboard, "Failed")) == [float(budget)]


def test_lines_stand_at_promises() -> None:
    dashboard, worker = rendered(SERVICE), rendered(WORKER)
    assert lines(panel(dashboard, "Quantiles")) == [0.5]
    assert lines(panel(dashboard, "Within 0.5 s")) == [0.99]
    assert lines(panel(worker, "Oldest")) == [60]
    assert lines(panel(worker, "Within 1 s")) == [0.95]
    assert [lines(panel(worker, title)) for title in ("Processor", "Memory", "Replicas", "Waiting")] == [[]] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_limits_are_recorded_series_drawn_as_such(kind: str) -> None:
    dashboard = rendered(KINDS[kind])
    found = {}
    for drawn in dashboard["panels"]:
        for override in drawn.get("fieldConfig", {}).get("overrides", []):
            assert override["matcher"]["id"] == "byFrameRefID"
            (query,) = (one for one in drawn["targets"] if one["refId"] == override["matcher"]["options"])
            assert query["legendFormat"] == "limit"
            assert {one["id"]: one["value"] for one in override["properties"]} == {
                "color": {"mode": "fixed", "fixedColor": "red"},
                "custom.lineStyle": {"fill": "dash", "dash": [10, 10]},
                "custom.fillOpacity": 0,
                "custom.stacking": {"mode": "none", "group": "A"},
            }
            found[drawn["title"]] = query["expr"]
    own = f'{{service="{KINDS[kind]["service"]}",environment=~"$environment"}}'
    assert found == {
        "Processor": f"tier:cpu_limit:cores{own}",
        "Memory": f"tier:memory_limit:bytes{own}",
        "Replicas": f"tier:max_replicas:count{own}",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_objectives_hold_for_all_instances_and_signals_for_those_that_are_chosen(kind: str) -> None:
    row = ""
    for panel in rendered(KINDS[kind])["panels"]:
        row = panel["title"].partition(":")[0] if panel["type"] == "row" else row
        for query in panel.get("targets", ()):
            assert f'service="{KINDS[kind]["service"]}"' in query["expr"]
            assert 'environment=~"$environment"' in query["expr"]
            for_all = row == "Objectives" or panel["title"] == "Replicas" or query["legendFormat"] == "limit"
            assert ("$instance" in query["expr"]) != for_all


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_inputs_give_the_same_bytes(kind: str) -> None:
    given = KINDS[kind]
    turned = {key: given[key] for key in reversed(given)}
    assert Dashboard().render(given) == Dashboard().render(turned)


def test_the_first_environment_is_shown_and_all_can_be_chosen() -> None:
    variables = {variable["name"]: variable for variable in rendered(SERVICE)["templating"]["list"]}
    assert list(variables) == ["datasource", "environment", "instance"]
    assert variables["environment"]["current"]["value"] == "staging"
    assert [option["value"] for option in variables["environment"]["options"]] == ["staging", "production"]


NASTY = "${datasource} $instance [[instance]] {{ 7*7 }} </script><b> \" ' \\ \n é 👩‍💻 \u2028 \udc80"


def test_text_from_people_is_text() -> None:
    plain, nasty = rendered({**SERVICE, "description": ""}), rendered({**SERVICE, "description": NASTY})
    assert nasty["description"] == NASTY
    assert {**nasty, "description": ""} == plain


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("https://docs.example.org/a?b=c&d#e", "https://docs.example.org/a?b=c&d#e"),
        (
            "https://x.example.org/${datasource}/$a/[[b]]",
            "https://x.example.org/%24%7Bdatasource%7D/%24a/%5B%5Bb%5D%5D",
        ),
        ("https://x.example.org/a%20b", "https://x.example.org/a%20b"),
        ("https://x.example.org/é 1", "https://x.example.org/%C3%A9%201"),
        ("/srv/forge/payments-api.git (docs/runbook.md)", None),
        ("javascript:alert(1)", None),
        ("http:relative", None),
        ("https://[not an address", None),
    ],
)
def test_links_are_web_addresses_without_variables(place: str, url: str | None) -> None:
    dashboard = rendered({**SERVICE, "links": {"runbook": place}})
    assert [link["url"] for link in dashboard["links"]] == ([url] if url else [])
    assert dashboard["description"] == ("Takes payments" if url else f"Takes payments\nRunbook: {place}")


@pytest.mark.parametrize("name", ["a", "x" * 36, "x" * 37, f"{'x' * 60}a", f"{'x' * 60}b"])
def test_identifiers_are_short_enough_for_grafana(name: str) -> None:
    assert len(uid(name)) <= 40 and uid(name).startswith("svc-")


def test_identifiers_are_readable_and_different() -> None:
    assert uid("payments-api") == "svc-payments-api"
    assert uid(f"{'x' * 60}a") != uid(f"{'x' * 60}b")


def changed(path: str, value: Any) -> dict[str, Any]:
    """The service's inputs with one value replaced, by its dotted path."""
    given: dict[str, Any] = json.loads(json.dumps(SERVICE))
    *above, last = path.split(".")
    here: Any = given
    for part in above:
        here = here[int(part) if part.isdigit() else part]
    here[last] = value
    return given


BAD = {
    "slo.availability": 100,
    "slo.share": 100,
    "slo.seconds": 0,
    "service": "../x",
    "team": "a b",
    "environments": [],
    "signals.duration": "http.server.duration",
    "signals.by": ["http.route"],
    "signals.event": "$event",
    "limits": {"max_replicas": 6},
    "saturation.0.metric": "a-b",
    "saturation.0.title": "of ${instance}",
    "saturation.0.description": "[[instance]]",
    "links.elsewhere": "https://x.example.org",
    "colour": "red",
}


@pytest.mark.parametrize("path", BAD)
def test_what_cannot_be_drawn_is_refused_in_one_line(path: str) -> None:
    problem = first_problem(Dashboard.INPUTS, changed(path, BAD[path]))
    assert problem is not None
    where = ".".join(map(str, problem[0]))
    assert path.startswith(where.rpartition(".")[0]) and "\n" not in problem[1]


@pytest.mark.parametrize("unit", ["secs", "", "Short", "requests/s"])
def test_a_unit_that_grafana_does_not_have_is_refused(unit: str) -> None:
    with pytest.raises(BadRecipe) as refused:
        Dashboard().render(changed("saturation.0.unit", unit))
    said = str(refused.value)
    assert said.startswith(f"dashboard of payments-api: the panel 'In progress' has the unit {unit!r}, which Grafana ")
    assert "\n" not in said


@pytest.mark.parametrize("unit", ["short", "s", "bytes", "suffix: jobs", "count:jobs/s"])
def test_a_unit_that_grafana_has_is_taken(unit: str) -> None:
    assert panel(rendered(changed("saturation.0.unit", unit)), "In progress")["fieldConfig"]["defaults"]["unit"] == unit


def test_the_sdk_is_imported_when_something_is_rendered_and_only_what_is_needed() -> None:
    code = f"""
import sys
from platformctl.renderers.dashboard import Dashboard
loaded = lambda: [name for name in sys.modules if name.startswith("grafana_foundation_sdk")]
assert not loaded(), loaded()
Dashboard().render({SERVICE!r})
assert loaded() and not [name for name in loaded() if "v2" in name or ".builders" in name], loaded()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
