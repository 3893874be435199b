"""The one place where errors end: one clear line, the right exit code, no traceback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from platformctl.errors import Cause, Failure
from platformctl.reporters.visible import visible

BUG: Final = 70
INTERRUPTED: Final = 130


def guarded(call: Callable[[], object], *, as_json: bool) -> int:
    """Run a command; whatever it raises becomes a line and an exit code."""
    try:
        call()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except Failure as failure:
        return _say(str(failure), failure.cause, failure.exit_code, as_json)
    except KeyboardInterrupt:
        return _say("stopped", Cause.USER, INTERRUPTED, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        return _say(f"{where}{problem.strerror or problem}", Cause.PLATFORM, 1, as_json)
    except Exception as problem:
        if os.environ.get("PLATFORMCTL_DEBUG"):
            raise
        text = f"this is a bug: {type(problem).__name__}: {problem}. Set PLATFORMCTL_DEBUG=1 to see where"
        return _say(text, Cause.PLATFORM, BUG, as_json)
    return 0


def _say(text: str, cause: Cause, code: int, as_json: bool) -> int:
    if as_json:
        form = {"type": "error", "message": text, "cause": cause.value, "exit_code": code}
        with suppress(OSError):
            sys.stdout.write(json.dumps(form) + "\n")
            sys.stdout.flush()
    sys.stderr.write(f"platformctl: {visible(' '.join(text.split()))}\n")
    return code
