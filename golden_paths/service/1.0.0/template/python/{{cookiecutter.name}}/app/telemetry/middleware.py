"""A span, a measurement and an access log line for every request."""

import logging
from http import HTTPMethod
from time import perf_counter

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry.metrics import ACTIVE_REQUESTS, REQUEST_DURATION

UNOBSERVED_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
KNOWN_METHODS = frozenset(HTTPMethod)

access_logger = logging.getLogger("app.access")
error_logger = logging.getLogger("app.error")
tracer = trace.get_tracer("app.telemetry")


class RequestTelemetry:
    """The outermost layer of the application: it sees what the client really gets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNOBSERVED_PATHS:
            await self._app(scope, receive, send)
            return

        method = scope["method"] if scope["method"] in KNOWN_METHODS else "_OTHER"
        with (
            ACTIVE_REQUESTS.labels(method).track_inprogress(),
            tracer.start_as_current_span(
                method,
                context=propagate.extract(_headers(scope)),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": method, "url.path": scope["path"]},
            ) as span,
        ):
            exchange = Exchange(scope, method, span)

            async def send_and_observe(message: Message) -> None:
                await send(message)
                exchange.observe(message)

            try:
                await self._app(scope, receive, send_and_observe)
            except Exception as exception:
                # Not raised again: the client has its 500, and the server would only
                # log the same exception a second time, outside the trace.
                span.record_exception(exception)
                span.set_status(StatusCode.ERROR)
                error_logger.exception("unhandled exception")
            finally:
                exchange.finish()


class Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, method: str, span: Span) -> None:
        self._scope = scope
        self._method = method
        self._span = span
        self._started = perf_counter()
        # What the server sends if the application sends nothing.
        self._status_code = 500
        self._finished = False

    def observe(self, message: Message) -> None:
        """Take note of a part of the response that has just been sent."""
        if message["type"] == "http.response.start":
            self._status_code = message["status"]
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self.finish()  # background tasks are still to come, but the client has all

    def finish(self) -> None:
        """Record the exchange, once."""
        if self._finished:
            return
        self._finished = True
        duration = perf_counter() - self._started
        route = route_template(self._scope)
        failed = self._status_code >= 500

        labels = (self._method, route, str(self._status_code))
        REQUEST_DURATION.labels(*labels).observe(duration)

        self._span.update_name(f"{self._method} {route}".rstrip())
        if route:
            self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", self._status_code)
        if failed:
            self._span.set_status(StatusCode.ERROR)

        access_logger.log(
            logging.ERROR if failed else logging.INFO,
            "%s %s %d",
            self._method,
            route or "(no route)",
            self._status_code,
            extra={
                "http_request_method": self._method,
                "http_route": route,
                "http_response_status_code": self._status_code,
                "duration_seconds": round(duration, 6),
                "url_path": self._scope["path"],
            },
        )


def route_template(scope: Scope) -> str:
    """Return the template of the matched route, such as `/items/{item_id}`.

    It is empty when no route matched: paths that anyone may invent must not become
    label values. Routes of an included router are found, with the router's prefix,
    in a context of FastAPI's; all others in `route`.
    """
    included = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(included or scope.get("route"), "path_format", "")


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
    }
