"""Where `platformctl` begins: the version is answered before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; ends the process with the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from platformctl import __version__

        sys.stdout.write(f"platformctl {__version__}\n")
        return
    from platformctl.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
