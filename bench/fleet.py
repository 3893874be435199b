"""Looking at a whole fleet, beside what tools of one plane take for one project each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import copies
from bench.measure import Command, Sample, median, run
from bench.stage import QUIET, Stage
from bench.table import Row, Section

SECONDS = 3.0
"""For the file planes of a thousand services, at most."""
MEMORY = 200.0
"""MB of all processes together, at most."""
FASTER = 100.0
"""How many times fewer seconds a service takes than with cruft or copier, at least."""
SIZES = (100, 1000, 5000)
FILES = ("--plane", "developer", "--plane", "delivery")
_TEMPLATE = "{{cookiecutter.name}}"


def fleets(stage: Stage, rounds: int) -> Section:
    """File planes for three sizes, all planes for one, and the peers."""
    rows: list[Row] = []
    spent: dict[int, float] = {}
    had = 0
    _original(stage)
    for size in SIZES:
        copies.multiply(stage.home, copies.names(size)[had:])
        had = size
        last = f"service-9{size:04}"
        run(stage.platformctl("new", "service", last, "--team", "payments", *QUIET))
        look = stage.platformctl("doctor", "--all", *FILES, "--json")
        cold, peak = watched(look)
        again = [run(look) for _ in range(rounds)]
        spent[size] = median(again).cpu
        most = SECONDS if size == 1000 else None
        rows.append(Row(f"{size:,} services, file planes, cold", cold, ceiling=most))
        rows.append(Row(f"{size:,} services, file planes, again", median(again)))
        rows.append(Row(f"{size:,} services: memory", memory=peak, note="all processes", aim=MEMORY))
        if size == 1000:
            whole, _ = watched(stage.platformctl("doctor", "--all", "--json"))
            rows.append(Row(f"{size:,} services, all planes", whole))
            rows += _peers(stage, cold.wall / size)
    growth = spent[SIZES[2]] / spent[SIZES[1]] / (SIZES[2] / SIZES[1])
    rows.append(Row("growth from 1,000 to 5,000", note=f"{growth:.2f} times the CPU for each service"))
    return Section("A fleet", rows)


def _original(stage: Stage) -> None:
    stage.empty()
    run(stage.platformctl("new", "service", copies.ORIGINAL, "--team", "payments", *QUIET))


def watched(command: Command) -> tuple[Sample, int]:
    """The time of a process, and the most that it and all that it started held at a time, in bytes.

    What processes share counts for each of them, so the figure is no less than the truth.
    """
    began = time.perf_counter()
    with subprocess.Popen(command.arguments, env=dict(command.environment), stdout=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(0.02)
        wall = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(command.arguments)} ended with {process.returncode}: the fleet is not right")
    return Sample(wall, 0.0), peak


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def _peers(stage: Stage, ours: float) -> Iterator[Row]:
    """What others take for one project of thirty files; ours is seconds for one service."""
    for name, prepare in (("cruft check", _cruft), ("copier check-update", _copier)):
        program = Path(sys.executable).parents[1] / "peers" / "bin" / name.split()[0]
        if not program.is_file():
            yield Row(name, note="not measured: see make bench")
            continue
        folder = stage.folder / name.split()[0]
        folder.mkdir()
        command, where = prepare(program, folder)
        samples = [_in(where, command) for _ in range(6)][1:]
        times = median(samples).wall / ours
        met = "met" if times >= FASTER else "not met"
        beside = f"{times:.0f} × ours for one service (≥ {FASTER:g}: {met})"
        yield Row(f"{name}, one project", median(samples), note=beside)
        shutil.rmtree(folder)


def _in(folder: Path, command: Sequence[str]) -> Sample:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True, env=_plain())
    return Sample(time.perf_counter() - began, 0.0)


def _cruft(program: Path, folder: Path) -> tuple[Sequence[str], Path]:
    template = _template(folder / "template", f"{_TEMPLATE}", "{{cookiecutter.name}}")
    (template / "cookiecutter.json").write_text(json.dumps({"name": "project"}))
    _commit(template)
    subprocess.run(
        [program, "create", "--no-input", str(template)], cwd=folder, capture_output=True, check=True, env=_plain()
    )
    return [str(program), "check"], folder / "project"


def _copier(program: Path, folder: Path) -> tuple[Sequence[str], Path]:
    template = _template(folder / "template", ".", "[[ name ]]", ".jinja")
    questions = (
        'name: {type: str, default: project}\n_envops: {variable_start_string: "[[", variable_end_string: "]]"}\n'
    )
    (template / "copier.yml").write_text(questions)
    (template / "[[ _copier_conf.answers_file ]].jinja").write_text("[[ _copier_answers|to_nice_yaml ]]")
    _commit(template)
    project = folder / "project"
    copying = [program, "copy", "--defaults", "--trust", str(template), str(project)]
    subprocess.run(copying, cwd=folder, capture_output=True, check=True, env=_plain())
    _commit(project)
    return [str(program), "check-update", "--quiet"], project


def _template(folder: Path, root: str, name: str, suffix: str = "") -> Path:
    """Thirty files that name their project."""
    (folder / root).mkdir(parents=True)
    for number in range(30):
        text = "".join(f"line {line} of {name}\n" for line in range(40))
        (folder / root / f"file-{number}.txt{suffix}").write_text(text)
    return folder


def _commit(folder: Path) -> None:
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "x"), ("tag", "1.0.0")):
        identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, env=_plain())


def _plain() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
