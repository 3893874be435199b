"""Takes traces by OTLP over gRPC, as a collector does, and keeps them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.stack.loopback import HOST
from platformctl.stack.running import Running

Span = Mapping[str, Json]
"""`trace_id`, `span_id`, `parent_span_id` (hexadecimal), `name`, `kind` (`server`), `start` and `end` (Unix seconds),
`status` (`unset`, `ok`, `error`), `message` (of the status), `attributes`, `resource` (attributes too), `scope` (a
name), `events` (names)."""


class Collector(Running):
    """Takes spans from the moment that it is made until `stop`, and keeps the newest of them, `keep` at most.

    `count` is how many came. Raises `ToolFailed` when it cannot listen.
    """

    def __init__(self, keep: int = 100_000) -> None:
        import grpc
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

        collector = self

        class Traces(trace_service_pb2_grpc.TraceServiceServicer):
            def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - OTLP's name
                collector.take(request)
                return trace_service_pb2.ExportTraceServiceResponse()

        self.spans: list[Span] = []
        self.count = 0
        self._keep = keep
        self._came = threading.Condition()
        self._server = grpc.server(ThreadPoolExecutor(2, thread_name_prefix="collector"))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), self._server)  # type: ignore[no-untyped-call]
        try:
            port = self._server.add_insecure_port(f"{HOST}:0")
        except RuntimeError as problem:
            raise ToolFailed(f"the collector of traces cannot listen: {problem}") from None
        self._server.start()
        self.endpoint = f"http://{HOST}:{port}"
        """What OTEL_EXPORTER_OTLP_ENDPOINT takes."""

    def take(self, request: Any) -> None:
        """Keep the spans of one ExportTraceServiceRequest."""
        came = [
            _span(span, resource.resource, scope.scope)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._came:
            self.count += len(came)
            self.spans += came
            del self.spans[: -self._keep]
            self._came.notify_all()

    def wait(self, enough: Callable[[Sequence[Span]], bool], seconds: float) -> bool:
        """Wait until enough spans came, or so many seconds; whether they did."""
        with self._came:
            return self._came.wait_for(lambda: enough(self.spans), seconds)

    def stop(self) -> None:
        """Listen no longer."""
        self._server.stop(None).wait()


def _span(span: Any, resource: Any, scope: Any) -> Span:
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(),
        "name": span.name,
        "kind": type(span).SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        "start": span.start_time_unix_nano / 1e9,
        "end": span.end_time_unix_nano / 1e9,
        "status": type(span.status).StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_").lower(),
        "message": span.status.message,
        "attributes": _attributes(span.attributes),
        "resource": _attributes(resource.attributes),
        "scope": scope.name,
        "events": [event.name for event in span.events],
    }


def _attributes(pairs: Any) -> Mapping[str, Json]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Json:
    """A value of OTLP as JSON; bytes as hexadecimal text."""
    match kind := value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return value.bytes_value.hex()
        case _:
            return getattr(value, kind)
