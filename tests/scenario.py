"""A situation that a service is in, minute by minute, as promtool's unit tests take it.

It is given as phases: how many `minutes`, and in each of them how many `events`, how many of these `failed` or were
`slow`; what a replica used (`memory` in MiB, `cpu` in millicores); what waits (`waiting`, `oldest`, and `waiting_more`
each minute); whether it is `up`, which is to be seen, and whether it reaches its `queue`. What a phase does not say is
as in the phase before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, repeat
from typing import Any

Phases = Sequence[Mapping[str, Any]]
Series = dict[str, str]


class Situation:
    """The series of one service. `kind` has its signals, its slo and values of the label by which failures are told."""

    def __init__(self, kind: Mapping[str, Any], labels: Mapping[str, str], phases: Phases, every: int = 1) -> None:
        said = list(accumulate(phases, lambda before, phase: {**before, **phase}))
        self._minutes = [said[0], *(phase for phase in said for _ in range(phase["minutes"]))]
        self._up = [minute.get("up", True) for minute in self._minutes]
        self._kind = kind
        self._labels = {**labels, "instance": "10.0.0.1:8080"}
        self._every = every

    def series(self) -> Iterator[Series]:
        """One sample every so many minutes, from minute 0 on. What no phase speaks of is not there at all."""
        yield self._sampled("service_build_info", [1 for _ in self._minutes], version="1.0.0")
        if self._speaks_of("events"):
            yield from self._events()
        if self._speaks_of("memory"):
            yield self._sampled("process_resident_memory_bytes", [at["memory"] * 2**20 for at in self._minutes])
        if self._speaks_of("cpu"):
            seconds = accumulate(at["cpu"] * 60 / 1000 for at in self._minutes)
            yield self._sampled("process_cpu_seconds_total", seconds)
        backlog = self._kind["signals"].get("backlog")
        if backlog and self._speaks_of("waiting"):
            more = accumulate(at.get("waiting_more", 0) for at in self._minutes)
            waiting = [at["waiting"] + plus for at, plus in zip(self._minutes, more, strict=True)]
            reached = [at.get("queue", True) for at in self._minutes]
            yield self._sampled(backlog["waiting"], waiting, reached)
            yield self._sampled(backlog["oldest"], [at["oldest"] for at in self._minutes], reached)

    def _events(self) -> Iterator[Series]:
        failed = [at.get("failed", 0) for at in self._minutes]
        if self._speaks_of("failed"):  # where nothing ever failed, there is no such series
            yield from self._histogram(self._kind["failed"], failed)
        good = [at["events"] - bad for at, bad in zip(self._minutes, failed, strict=True)]
        yield from self._histogram(self._kind["good"], good)

    def _histogram(self, value: str, events: Sequence[float]) -> Iterator[Series]:
        """Slow events are slow whether they failed or not."""
        metric, label = self._kind["signals"]["duration"], self._kind["signals"]["failed"]["label"]
        slow = [at.get("slow", 0) / max(at["events"], 1) for at in self._minutes]
        quick = [number * (1 - share) for number, share in zip(events, slow, strict=True)]
        bound = f"{self._kind['slo']['seconds']:g}"
        yield self._sampled(f"{metric}_count", accumulate(events), **{label: value})
        yield self._sampled(f"{metric}_bucket", accumulate(quick), le=bound, **{label: value})
        yield self._sampled(f"{metric}_bucket", accumulate(events), le="+Inf", **{label: value})

    def _speaks_of(self, name: str) -> bool:
        return any(name in at for at in self._minutes)

    def _sampled(
        self, metric: str, values: Iterable[float], known: Iterable[bool] = repeat(True), **more: str
    ) -> Series:
        labels = ",".join(f'{label}="{value}"' for label, value in {**self._labels, **more}.items() if value)
        there = [up and is_known for up, is_known in zip(self._up, known, strict=False)]
        words = [f"{value:.12g}" if is_there else "_" for value, is_there in zip(values, there, strict=True)]
        return {"series": f"{metric}{{{labels}}}", "values": " ".join(words[:: self._every])}
