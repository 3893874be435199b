"""A small server on the loopback interface, as a context manager."""

from __future__ import annotations

import threading
from typing import Self

from platformctl.testing.wire.answering import Answering
from platformctl.testing.wire.exchange import Exchange
from platformctl.testing.wire.faults import Faults
from platformctl.testing.wire.server import Server


class Fake:
    """What fakes have in common: a server that runs in the context, the weather, and the record."""

    def __init__(self, server: Server, answering: Answering) -> None:
        self._server = server
        server.answering = self._answering = answering
        self._thread = threading.Thread(target=server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def faults(self) -> Faults:
        """Where bad weather is ordered."""
        return self._answering.faults

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request with its answer, in order. Tokens stand in the request's headers as they were sent."""
        return self._answering.exchanges
