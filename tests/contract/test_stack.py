"""What runs beside a service, for real: Prometheus, Alertmanager, Redis, and spans of OpenTelemetry's own exporter."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.backends.alerting.alertmanager import configuration
from platformctl.errors import BadConfig, NoAccess, ToolFailed
from platformctl.stack.alertmanager import Alertmanager, redirected
from platformctl.stack.collector import Collector
from platformctl.stack.loopback import get, listens
from platformctl.stack.pager import Pager
from platformctl.stack.prometheus import Prometheus, Refused, Target
from platformctl.stack.redis import Redis
from platformctl.stack.tools import Tools
from tests.programs import programs

LABELS = {"service": "svc", "environment": "staging"}
RULES = yaml.safe_dump(
    {
        "groups": [
            {
                "name": "it",
                "rules": [
                    {"record": "twice", "expr": "2 * level"},
                    {
                        "alert": "TooHigh",
                        "expr": "level > 5",
                        "labels": {"severity": "critical", **LABELS, "team": "payments"},
                        "annotations": {"summary": "it is {{ $value }}", "description": "d"},
                    },
                ],
            }
        ]
    }
)
ROUTING = {"matchers": LABELS, "receiver": "pagerduty-payments", "paging": "secret:payments"}


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return Tools(programs(tmp_path_factory.mktemp("programs") / "bin"))


class Source:
    """Something to scrape."""

    def __init__(self) -> None:
        self.level = 1.0
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = f"level {source.level}\nnothing NaN\n".encode()
                self.send_response(200 if self.path == "/own" else 404)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/own"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def source() -> Iterator[Source]:
    one = Source()
    yield one
    one.server.shutdown()
    one.server.server_close()


def until(condition: Callable[[], object], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_from_what_is_scraped_to_the_pager_and_back(source: Source, tools: Tools, tmp_path: Path) -> None:
    """Prometheus scrapes, records and judges; Alertmanager routes; the page comes with the key of its team."""
    began = time.time()
    with Pager() as pager:
        text, keys = redirected(configuration([ROUTING], "/etc/keys"), pager.url, tmp_path / "keys", 600)
        with (
            Alertmanager.start(tools, tmp_path / "alertmanager", configuration=text) as alertmanager,
            Prometheus.start(
                tools,
                tmp_path / "prometheus",
                targets=[Target(source.url, LABELS)],
                rules=RULES,
                alertmanager=alertmanager.url,
                interval=0.2,
            ) as prometheus,
        ):
            assert until(lambda: [sample.value for sample in prometheus.query("twice")] == [2])
            (sample,) = prometheus.query("level")
            assert sample.labels.items() >= {**LABELS, "job": "svc", "__name__": "level"}.items()
            assert began < sample.at < time.time()
            (nothing,) = prometheus.query("nothing")
            assert math.isnan(nothing.value)
            assert [sample.value for sample in prometheus.query("1 + 1")] == [2]
            assert prometheus.query("level", at=began - 60) == []
            time.sleep(0.5)
            (series,) = prometheus.query_range("level", began, time.time(), 0.1)
            assert len(series.points) > 3
            assert {value for _, value in series.points} == {1}
            assert [(rule["name"], rule["health"]) for rule in prometheus.rules()] == [
                ("twice", "ok"),
                ("TooHigh", "ok"),
            ]
            assert prometheus.alerts() == []
            with pytest.raises(Refused, match="parse error"):
                prometheus.query("level{")
            with pytest.raises(Refused, match="exceeded maximum resolution"):
                prometheus.query_range("level", 0, began, 0.1)

            source.level = 9
            assert pager.wait(lambda events: len(events) == 1, 15)
            assert [alert["state"] for alert in prometheus.alerts()] == ["firing"]
            source.level = 1
            assert pager.wait(lambda events: len(events) == 2, 15)
            prometheus.child.stop()
            with pytest.raises(ToolFailed, match="Prometheus does not answer"):
                prometheus.query("level")
        (_, page), (_, resolve) = pager.events
        assert keys[page["routing_key"]] == "/etc/keys/secret-payments"
        assert (page["event_action"], page["payload"]["severity"]) == ("trigger", "critical")
        assert page["payload"]["summary"] == "it is 9"
        assert (resolve["event_action"], resolve["dedup_key"]) == ("resolve", page["dedup_key"])
        assert pager.refused == []
    for url in (prometheus.url, alertmanager.url):
        with pytest.raises(ConnectionRefusedError):
            get(url)


def test_rules_that_cannot_be_read_are_said(tools: Tools, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=r"Prometheus ended with code 1; .*could not parse expression.*inside braces"):
        Prometheus.start(tools, tmp_path, targets=[], rules=RULES.replace("2 * level", "level{"), interval=1)


def test_routing_that_cannot_be_read_is_said(tools: Tools, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=r"Alertmanager ended with code 1; .*undefined receiver.*nobody"):
        Alertmanager.start(tools, tmp_path, configuration="route: {receiver: nobody}\nreceivers: [{name: a}]\n")


def test_a_port_that_is_taken_is_said(source: Source, tools: Tools, tmp_path: Path) -> None:
    port = source.server.server_address[1]
    with pytest.raises(ToolFailed, match="address already in use"):
        Alertmanager.start(tools, tmp_path, configuration="route: {receiver: a}\nreceivers: [{name: a}]\n", port=port)


@pytest.mark.parametrize("start", [Prometheus.start, Alertmanager.start, Redis.start])
def test_without_the_program_nothing_is_begun(start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    more: dict[Any, dict[str, Any]] = {
        Prometheus.start: {"targets": [], "interval": 1},
        Alertmanager.start: {"configuration": ""},
    }
    with pytest.raises(NoAccess, match="is not on PATH"):
        start(Tools(), tmp_path / "it", **more.get(start, {}))
    assert not (tmp_path / "it").exists()


def test_redis_takes_commands_and_says_what_it_refuses(tools: Tools, tmp_path: Path) -> None:
    with Redis.start(tools, tmp_path / "redis") as redis:
        assert redis.cli("XADD", "orders", "*", "body", json.dumps({"text": "a b\n"}))
        ((_, fields),) = redis.cli("XRANGE", "orders", "-", "+")
        assert fields == ["body", '{"text": "a b\\n"}']
        with pytest.raises(ToolFailed, match="Redis refuses XLEN: ERR wrong number of arguments"):
            redis.cli("XLEN")
    assert not listens(redis.port)
    with pytest.raises(ToolFailed, match="Redis refuses PING"):
        redis.cli("PING")


def test_spans_of_a_real_exporter_are_read(tmp_path: Path) -> None:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind, StatusCode

    began = time.time()
    with Collector() as collector:
        provider = TracerProvider(resource=Resource({"service.name": "svc"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(collector.endpoint, insecure=True)))
        tracer = provider.get_tracer("it")
        more = {"number": 1, "share": 0.5, "right": True, "list": ["a", "b"], "bytes": b"\x01\xff"}
        with tracer.start_as_current_span("GET /", kind=SpanKind.SERVER, attributes=more) as outer:
            outer.add_event("exception")
            outer.set_status(StatusCode.ERROR, "it broke")
            with tracer.start_as_current_span("inner"):
                pass
        assert not collector.wait(lambda spans: len(spans) == 2, 0.05)
        provider.force_flush()
        assert collector.wait(lambda spans: len(spans) == 2, 10)
        provider.shutdown()
    inner, span = collector.spans
    context = outer.get_span_context()
    assert (span["trace_id"], span["span_id"]) == (f"{context.trace_id:032x}", f"{context.span_id:016x}")
    assert (span["parent_span_id"], inner["parent_span_id"], inner["trace_id"]) == (
        "",
        span["span_id"],
        span["trace_id"],
    )
    assert (span["name"], span["kind"], span["scope"]) == ("GET /", "server", "it")
    assert (span["status"], span["message"], inner["status"]) == ("error", "it broke", "unset")
    assert span["attributes"] == {**more, "bytes": "01ff"}
    assert span["resource"]["service.name"] == "svc"
    assert span["events"] == ["exception"]
    assert began <= span["start"] <= span["end"] <= time.time()
    json.dumps(collector.spans)


def test_a_collector_keeps_the_newest(tmp_path: Path) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    with Collector(keep=2) as collector:
        for number in range(3):
            request = ExportTraceServiceRequest()
            request.resource_spans.add().scope_spans.add().spans.add().name = str(number)
            collector.take(request)
        assert ([span["name"] for span in collector.spans], collector.count) == (["1", "2"], 3)


def test_a_configuration_that_is_none_stops_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        redirected("[]", "http://127.0.0.1:1", tmp_path / "keys")
