"""`python -m platformctl.testing.grafana`: the fake as a server, until Ctrl-C. Its first line is its URL."""

from __future__ import annotations

import argparse
import os
import signal
import threading

from platformctl.testing.grafana import FakeGrafana
from platformctl.testing.grafana.access import ROLES


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m platformctl.testing.grafana", description="A small Grafana for tests."
    )
    parser.add_argument("--port", type=int, default=0, help="The port; any free one.")
    parser.add_argument("--version", default="13.1.0", help="The version that it is like; 13.1.0.")
    parser.add_argument("--token", default="token", help="The token of a service account; token.")
    parser.add_argument("--role", default="admin", choices=ROLES, help="The service account's role; admin.")
    given = parser.parse_args()
    try:
        fake = FakeGrafana(given.version, port=given.port)
    except (OSError, ValueError) as failure:
        parser.error(str(failure))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with fake:
        fake.token(given.token, given.role)
        # Unbuffered, so that whoever started this through a pipe has the address at once.
        os.write(1, f"{fake.url}\n".encode())
        stop.wait()


if __name__ == "__main__":
    main()
