"""`python -m bench`: take the times, show the table."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import table
from bench.cases import QUICK, Rounds, sections
from bench.stage import Stage


def main() -> int:
    """Measure, print, and write the Markdown if asked to; 1 when something that was measured failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, for a first impression")
    parser.add_argument("--only", metavar="PART", action="append", help="measure this part; may be repeated")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the same table as Markdown")
    options = parser.parse_args()
    rounds = QUICK if options.quick else Rounds()
    about = list(_machine(rounds))
    found = []
    try:
        with Stage.opened() as stage:
            parts = sections(stage, rounds)
            if unknown := sorted(set(options.only or ()) - parts.keys()):
                parser.error(f"no part is called {unknown[0]}; there are {', '.join(parts)}")
            for name in options.only or parts:
                found.append(parts[name]())
                sys.stderr.write(f"measured: {found[-1].title}\n")
    except (RuntimeError, subprocess.CalledProcessError) as problem:
        sys.stderr.write(f"bench: {problem}\n")
        return 1
    about.append(_load("at the end"))
    sys.stdout.write("\n".join([*about, "", *table.text(found), ""]))
    if options.markdown:
        lines = [*(f"- {line}" for line in about), "", *table.markdown(found)]
        options.markdown.write_text("\n".join(lines), encoding="utf-8")
    return 0


def _machine(rounds: Rounds) -> Iterator[str]:
    yield f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield f"Python {platform.python_version()}, {_said('git', 'version')}, {_terraform()}"
    yield (
        f"medians of {rounds.commands} rounds ({rounds.starts} for starting, {rounds.fleets} for many services) "
        f"after {rounds.warm_ups} to warm up"
    )
    yield _load("at the beginning")


def _terraform() -> str:
    for tool in ("terraform", "tofu"):
        if said := _said(tool, "version"):
            return said
    return "neither terraform nor tofu"


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout.splitlines() or [""])[0]


def _load(when: str) -> str:
    return f"load average {os.getloadavg()[0]:.1f} {when}"


if __name__ == "__main__":
    sys.exit(main())
