"""A fleet that comes to another version: on the embedded forge, on a fake GitHub, and one service beside its floor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import copies, next_version
from bench.fleet import watched
from bench.github import Hub, hub
from bench.measure import Case, Command, Sample, alternate, median, ratio, run
from bench.next_version import NEXT
from bench.stage import QUIET, SERVICE, Stage
from bench.table import Row, Section

LOCAL = 200
"""Services on the embedded forge."""
ON_GITHUB = 50
"""Services on the fake GitHub."""
_UP = ("upgrade", "--all", "--path", "service", "--to", NEXT)
_PLATFORM = """\
schema: 1
organisation: local
golden_paths: [paths]
teams: [{slug: payments, paging: "secret:payments", automerge: true}]
"""


def campaigns(stage: Stage, rounds: int, warm_ups: int) -> Section:
    """One service beside its floor, then the fleets."""
    folder = stage.folder / "campaign"
    folder.mkdir()
    next_version.write(folder / "paths")
    platform = folder / "platform.yaml"
    platform.write_text(_PLATFORM, encoding="utf-8")
    rows = [_one(stage, folder, platform, rounds, warm_ups), *_local(stage, platform), *_on_github(stage)]
    return Section("A fleet that comes to another version", rows)


def _one(stage: Stage, folder: Path, platform: Path, rounds: int, warm_ups: int) -> Row:
    upgrade = stage.platformctl("upgrade", SERVICE, "--to", NEXT, "--yes", PLATFORMCTL_PLATFORM=str(platform))
    repository = stage.home / "forge" / "local" / f"{SERVICE}.git"
    floor = [sys.executable, "-W", "ignore", "-m", "bench.upgrade_floor", str(folder / "paths"), str(repository)]
    cases = [
        Case("upgrade", lambda: run(upgrade), stage.made),
        Case("floor", lambda: run(Command(floor, upgrade.environment)), stage.made),
    ]
    samples = alternate(cases, rounds, warm_ups)
    ours, theirs = samples["upgrade"], samples["floor"]
    return Row(
        "upgrade of one service",
        median(ours),
        "floor: render twice, merge, one commit",
        median(theirs),
        ratio([one.wall for one in ours], [one.wall for one in theirs]),
        ratio([one.cpu for one in ours], [one.cpu for one in theirs]),
    )


def _local(stage: Stage, platform: Path) -> list[Row]:
    stage.empty()
    run(stage.platformctl("new", "service", copies.ORIGINAL, "--team", "payments", *QUIET))
    copies.multiply(stage.home, copies.names(LOCAL - 2))
    run(stage.platformctl("new", "service", "service-90000", "--team", "payments", *QUIET))

    def command(*arguments: str) -> Command:
        return stage.platformctl(*arguments, PLATFORMCTL_PLATFORM=str(platform))

    rehearsal, peak = watched(command(*_UP, "--dry-run"))
    whole, most = watched(command(*_UP, "--yes"))
    again, _ = watched(command("campaign", "status"))
    return [
        Row(f"{LOCAL} services: rehearsal", rehearsal),
        Row(f"{LOCAL} services: rehearsal, memory", memory=peak, note="all processes"),
        Row(f"{LOCAL} services: to the end", whole, note="proposed, merged, all planes, doctor"),
        Row(f"{LOCAL} services: to the end, memory", memory=most, note="all processes, Terraform too"),
        Row(f"{LOCAL} services: campaign status", again),
    ]


def _on_github(stage: Stage) -> list[Row]:
    with hub(stage) as here:
        platform = here.home / "platform.yaml"
        text = platform.read_text(encoding="utf-8").replace("private}\n", "private, bypass: [organisation-admin]}\n", 1)
        teams = 'golden_paths: [paths]\nteams: [{slug: payments, paging: "secret:payments", automerge: true}]\n'
        platform.write_text(text + teams, encoding="utf-8")
        (here.home / "paths").mkdir()
        run(here.command("init", *QUIET))
        run(here.command("doctor", here.service, "--fix", *QUIET))
        for _ in range(ON_GITHUB - 1):
            here.new()
        next_version.write(here.home / "paths")
        here.elsewhere()
        return [
            _counted(here, "rehearsal, on another machine", lambda: _took(here, *_UP, "--dry-run")),
            _counted(here, "rehearsal, again", lambda: _took(here, *_UP, "--dry-run")),
            _counted(here, "proposed", lambda: _took(here, *_UP, "--yes", "--wave", "100%")),
            _counted(here, "nothing new", lambda: _took(here, "upgrade", "--all")),
            _counted(here, "green: merged, all planes, doctor", lambda: _green(here)),
        ]


def _counted(here: Hub, what: str, call: Callable[[], Sample]) -> Row:
    samples: list[Sample] = []
    asked, writes = here.requests(lambda: samples.append(call()))
    note = f"{asked / ON_GITHUB:.1f} each, {writes} to write, {samples[0].wall:.1f} s"
    return Row(f"{ON_GITHUB} services on GitHub: requests, {what}", requests=asked, note=note)


def _took(here: Hub, *arguments: str) -> Sample:
    """The time of a command that may say that it waits."""
    command = here.command(*arguments)
    began = time.perf_counter()
    done = subprocess.run(command.arguments, env=dict(command.environment), capture_output=True, check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()}")
    return Sample(time.perf_counter() - began, 0.0)


def _green(here: Hub) -> Sample:
    """CI is green on every proposal, and then on what was merged."""
    began = time.perf_counter()
    for ref in ("proposed", "main"):
        for service in _services(here):
            at = here.github.head(service, f"platformctl/upgrade_files_{service}" if ref == "proposed" else "main")
            for check in ("service / lint", "service / test", "service / build"):
                here.github.check(service, at, check, "success", run=True)
        _took(here, "upgrade", "--all")
    return Sample(time.perf_counter() - began, 0.0)


def _services(here: Hub) -> list[str]:
    status = here.command("campaign", "status", "--json")
    done = subprocess.run(status.arguments, env=dict(status.environment), capture_output=True, check=True)
    return [one["service"] for one in json.loads(done.stdout.splitlines()[-1])["data"]["services"]]
