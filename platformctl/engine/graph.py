"""Runs a recipe's steps: those that do not wait for one another at the same time, the rest in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import TypeVar

from platformctl.errors import Interrupted
from platformctl.model import Step

Result = TypeVar("Result")

WORKERS = 8
"""Steps mostly wait for other processes; what those may use is bounded where they are started."""


def in_order(steps: Sequence[Step], work: Callable[[Step], Result], stop: threading.Event) -> dict[str, Result]:
    """The same one after the other, in this thread: for who has many recipes to run at the same time."""
    results: dict[str, Result] = {}
    for step in steps:
        if stop.is_set():
            raise Interrupted("stopped")
        results[step.id] = work(step)
    return results


def run(steps: Sequence[Step], work: Callable[[Step], Result], stop: threading.Event) -> dict[str, Result]:
    """Call `work` once a step. The first failure or Ctrl-C lets what is running end, and starts nothing more.

    Raises what `work` raised first, or `Interrupted`.
    """
    by_id = {step.id: step for step in steps}
    order: TopologicalSorter[str] = TopologicalSorter({step.id: step.needs for step in steps})
    order.prepare()
    results: dict[str, Result] = {}
    failure: BaseException | None = None
    running: dict[Future[Result], str] = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="step") as pool:
        while True:
            try:
                if failure is None and not stop.is_set():
                    running |= {pool.submit(work, by_id[id_]): id_ for id_ in order.get_ready()}
                if not running:
                    break
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    id_ = running.pop(future)
                    if problem := future.exception():
                        failure = failure or problem
                    else:
                        results[id_] = future.result()
                        order.done(id_)
            except KeyboardInterrupt:  # wherever it comes: who still works is told to stop, and waited for
                if stop.is_set():
                    raise
                stop.set()
    if stop.is_set() and (failure is not None or len(results) < len(steps)):
        raise Interrupted("stopped")
    if failure is not None:
        raise failure
    return results
