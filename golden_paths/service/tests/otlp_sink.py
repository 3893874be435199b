"""Takes traces by OTLP over gRPC and writes each span it gets to stdout, one JSON object a line.

It runs in the environment of a generated Python service, which has gRPC and OTLP's messages.
The first line is the port.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


def attributes(of: Any) -> dict[str, str]:
    """Attributes as text; the types of their values are part of it."""
    return {pair.key: str(pair.value).strip() for pair in of.attributes}


class Sink(trace_service_pb2_grpc.TraceServiceServicer):
    """The collector's trace service."""

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - OTLP's name
        for resource_spans in request.resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    told = {
                        "resource": attributes(resource_spans.resource),
                        "scope": scope_spans.scope.name,
                        "trace_id": span.trace_id.hex(),
                        "parent_span_id": span.parent_span_id.hex(),
                        "name": span.name,
                        "kind": span.kind,
                        "attributes": attributes(span),
                        "events": [event.name for event in span.events],
                        "status": span.status.code,
                    }
                    sys.stdout.write(json.dumps(told) + "\n")
                    sys.stdout.flush()
        return trace_service_pb2.ExportTraceServiceResponse()


server = grpc.server(ThreadPoolExecutor(2))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Sink(), server)
sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
sys.stdout.flush()
server.start()
sys.stdin.read()  # until whoever started it closes its end
server.stop(None)
