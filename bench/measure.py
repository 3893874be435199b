"""Running processes and taking their time: paired, alternating, after a warm-up.

Machines are noisy, and the noise drifts. So what is compared runs in turn (A B C A B C …), and a ratio is the median
of the ratios within the rounds, not the ratio of two medians taken minutes apart.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A program with its arguments and its whole environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Sample:
    """Seconds on the clock, and of the processors by the process and all children that it waited for."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Case:
    """One thing that is measured: `prepare` before every run, outside of the time taken."""

    name: str
    run: Callable[[], Sample]
    prepare: Callable[[], None] = lambda: None


Samples = Mapping[str, Sequence[Sample]]
"""By the case's name; the samples of one round stand at the same index."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long one case takes as another: the median of the rounds, with the middle half of them."""

    median: float
    low: float
    high: float


def run(command: Command) -> Sample:
    """Run one process to its end. Raises RuntimeError with what it said when it fails."""
    return at_once([command])


def in_sequence(commands: Sequence[Command]) -> Sample:
    """Run several processes, one after the other."""
    samples = [run(command) for command in commands]
    return Sample(sum(sample.wall for sample in samples), sum(sample.cpu for sample in samples))


def at_once(commands: Sequence[Command]) -> Sample:
    """Run several processes at the same time, to the end of the last one."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        children = [
            subprocess.Popen(
                command.arguments,
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            for command in commands
        ]
        cpu = 0.0
        codes = []
        for child in children:
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            cpu += used.ru_utime + used.ru_stime
            codes.append(child.returncode)
        wall = time.perf_counter() - began
        if any(codes):
            said.seek(0)
            command = commands[codes.index(next(filter(None, codes)))]
            text = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(command.arguments)} ended with {max(codes, key=abs)}:\n{text}")
    return Sample(wall, cpu)


def alternate(cases: Sequence[Case], runs: int, warm_ups: int) -> Samples:
    """Run the cases in turn, `runs` times after `warm_ups` rounds that do not count."""
    samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
    for number in range(warm_ups + runs):
        for case in cases:
            case.prepare()
            sample = case.run()
            if number >= warm_ups:
                samples[case.name].append(sample)
    return samples


def median(samples: Sequence[Sample]) -> Sample:
    """The medians of the times."""
    return Sample(
        statistics.median(sample.wall for sample in samples),
        statistics.median(sample.cpu for sample in samples),
    )


def ratio(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """Compare two cases, round by round."""
    found = sorted(this / that for this, that in zip(these, those, strict=True))
    quarter = len(found) // 4
    return Ratio(statistics.median(found), found[quarter], found[-1 - quarter])


def peak_memory(command: Command, scratch: Path) -> int:
    """Bytes of memory that platformctl's own process has at most while it runs `command`, a platformctl command.

    Not by `ru_maxrss`: that of `wait4` is the largest process of the whole tree, and git and terraform are in it; and
    a process inherits its starter's through fork and exec. The kernel's `VmHWM` belongs to one process from its exec
    on, so a wrapper of a few lines reads its own when platformctl has ended.
    """
    file = scratch / "peak"
    wrapped = Command([sys.executable, "-c", _WRAPPER, str(file), *command.arguments[1:]], command.environment)
    run(wrapped)
    return int(file.read_text(encoding="ascii")) * 1024


def rendering() -> Sample:
    """Rendering alone, in a fresh process."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.rendering"]
    wall, cpu = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Sample(float(wall), float(cpu))


_WRAPPER = """\
import sys
from platformctl.__main__ import main
file = sys.argv.pop(1)
try:
    main()
finally:
    with open("/proc/self/status") as status, open(file, "w") as out:
        out.write(next(line.split()[1] for line in status if line.startswith("VmHWM:")))
"""
