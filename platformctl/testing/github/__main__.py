"""`python -m platformctl.testing.github`: the fake as a server, until Ctrl-C. Its first line is the API's URL."""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
from pathlib import Path

from platformctl.testing.github import FakeGitHub


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m platformctl.testing.github", description="A small GitHub for tests."
    )
    parser.add_argument("--port", type=int, default=0, help="The port; any free one.")
    parser.add_argument("--folder", type=Path, help="An empty folder for its git repositories; a temporary one.")
    parser.add_argument("--organisation", default="acme", help="The organisation; acme.")
    parser.add_argument("--team", action="append", default=[], help="A team's slug; can be repeated.")
    parser.add_argument("--token", default="token", help="The token of the organisation's owner `robot`; token.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        try:
            fake = FakeGitHub(given.folder or Path(temporary), given.organisation, port=given.port)
        except (OSError, ValueError) as failure:
            parser.error(str(failure))
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with fake:
            fake.token(given.token)
            for team in given.team:
                fake.team(team)
            # Unbuffered, so that whoever started this through a pipe has the address at once.
            os.write(1, f"{fake.url}\n".encode())
            stop.wait()


if __name__ == "__main__":
    main()
