"""Where `platformctl` begins: the version is answered before anything else is imported."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; ends the process with the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from platformctl import __version__

        try:
            sys.stdout.write(f"platformctl {__version__}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        return
    # A short process leaves little garbage; looking for it while libraries load is a twentieth of the time of `new`.
    gc.set_threshold(100_000, 50, 50)
    from platformctl.cli import run

    code = run()
    # What is alive now needs no last look for garbage either: the system takes it all back at once.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
