"""`python -m bench.rendering`: render a service once, as the first thing in a process; prints wall and CPU seconds."""

from __future__ import annotations

import gc
import sys
import time

from golden_paths.tests.test_golden import VERSIONS


def main() -> None:
    """Everything but the rendering itself, and what it loads, is done before the clock starts."""
    gc.set_threshold(100_000, 50, 50)  # as platformctl does
    service = next(one for one in reversed(VERSIONS) if one.path == "service")
    assert service.recipe.steps and service.grid
    wall, cpu = time.perf_counter(), time.process_time()
    rendered = [dict(files) for _, _, files in service.rendered("defaults")]  # made when somebody looks
    sys.stdout.write(f"{time.perf_counter() - wall} {time.process_time() - cpu}\n")
    assert len(rendered) > 5


if __name__ == "__main__":
    main()
