"""`python -m bench.rendering`: render a service once, as the first thing in a process; prints wall and CPU seconds."""

from __future__ import annotations

import gc
import sys
import time

from golden_paths.tests.test_golden import Version


def main() -> None:
    """Everything but the rendering itself, and what it loads, is done before the clock starts."""
    gc.set_threshold(100_000, 50, 50)  # as platformctl does
    service = Version("service", "1.0.0")
    assert service.recipe.steps and service.grid
    wall, cpu = time.perf_counter(), time.process_time()
    rendered = list(service.rendered("defaults"))
    sys.stdout.write(f"{time.perf_counter() - wall} {time.process_time() - cpu}\n")
    assert len(rendered) > 5


if __name__ == "__main__":
    main()
