"""Traces: W3C trace context in; OTLP out, if the environment names an endpoint.

Spans are made in any case, so that log lines always have a trace id. They are sent
over gRPC, the protocol of port 4317, and no other is built in.
"""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from app.settings import Settings


def configure(settings: Settings) -> TracerProvider:
    """Return the process's tracer provider, which the first call makes."""
    existing = trace.get_tracer_provider()
    if isinstance(existing, TracerProvider):
        return existing
    provider = TracerProvider(
        resource=Resource.create(
            {
                "service.name": settings.service,
                "service.namespace": settings.team,
                "service.version": settings.version,
                "deployment.environment.name": settings.environment,
            }
        )
    )
    if settings.otlp_endpoint:
        protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        if protocol != "grpc":
            raise ValueError(
                f"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol!r}; only gRPC is built in: "
                "unset it, and name an endpoint that speaks gRPC"
            )
        exporter = OTLPSpanExporter(endpoint=settings.otlp_endpoint)
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider
