"""The same on GitHub, as far as it can be had: the fake of `platformctl.testing`, counting requests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.measure import Case, Command, Sample, alternate, median, ratio, run
from bench.stage import QUIET, Stage
from bench.table import Row, Section
from platformctl.testing.github import FakeGitHub

NEW = 25
"""Requests of a `new` at most."""
LOOKING = 6
"""Requests at most of a command that changes nothing."""
SECONDS = 5.0
"""Seconds of a `new` at most, with the manners that every user gets."""
_FLEET = 10
"""Services that are made for a fleet."""
_TOKEN = "bench"  # noqa: S105 - of the fake
_PLATFORM = """\
schema: 1
organisation: acme
forge: {{kind: github, api: "{api}", web: "{web}", credential: "env:GITHUB_TOKEN", visibility: private}}
catalog: {{kind: repository}}
defaults: {{visibility: private}}
"""


@dataclass
class Hub:
    """A prepared organisation, and the home of somebody who works for it."""

    stage: Stage
    github: FakeGitHub
    home: Path

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.service = ""

    def command(self, *arguments: str) -> Command:
        """A platformctl command."""
        environment = {"PLATFORMCTL_HOME": str(self.home), "GITHUB_TOKEN": _TOKEN}
        return self.stage.platformctl(*arguments, **environment)

    def new(self) -> Sample:
        """One more service."""
        self.service = f"service-{next(self._numbers):03}"
        return run(self.command("new", "service", self.service, "--team", "payments", *QUIET))

    def elsewhere(self) -> None:
        """Another machine: nothing is remembered of GitHub."""
        shutil.rmtree(self.home / "cache" / "github", ignore_errors=True)

    def requests(self, call: Callable[[], object]) -> tuple[int, int]:
        """How many requests something makes of the API, and how many of them are to write."""
        before = len(self.github.exchanges)
        call()
        made = [asked for asked in self.github.exchanges[before:] if ".git/" not in asked.path]
        return len(made), sum(1 for asked in made if asked.method != "GET")


@contextmanager
def hub(stage: Stage) -> Iterator[Hub]:
    """A fake GitHub with a prepared organisation, on which one service was made."""
    folder = stage.folder / "github"
    folder.mkdir()
    with FakeGitHub(folder / "server", organisation="acme") as github:
        github.token(_TOKEN, role="admin")
        github.team("payments", "Payments")
        made = Hub(stage, github, folder / "home")
        made.home.mkdir()
        platform = _PLATFORM.format(api=github.url, web=github.web_url)
        (made.home / "platform.yaml").write_text(platform, encoding="utf-8")
        run(made.command("init", *QUIET))
        made.new()
        yield made
    shutil.rmtree(folder, ignore_errors=True)


def on_github(stage: Stage, rounds: int, warm_ups: int) -> Section:
    """Requests and time, beside the same on the embedded forge."""
    with hub(stage) as here:
        cases = [Case("github", here.new), Case("local", lambda: run(stage.new()), stage.prepared)]
        samples = alternate(cases, rounds, warm_ups)
        ours, theirs = samples["github"], samples["local"]
        beside = ratio([sample.wall for sample in ours], [sample.wall for sample in theirs])
        wall = Row("new", median(ours), "new on the embedded forge", median(theirs), beside)
        within = Row("new, with the manners that everybody gets", median(ours), ceiling=SECONDS)

        def counted(what: str, call: Callable[[], object], most: int | None = None) -> Row:
            asked, writes = here.requests(call)
            return Row(what, requests=asked, note=f"{writes} of them to write", aim=most)

        again = here.command("new", "service", here.service, "--team", "payments", *QUIET)
        doctor = here.command("doctor", here.service)
        rows = [
            wall,
            within,
            counted("requests of new", here.new, NEW),
            counted("requests of new, nothing to do", lambda: run(again), LOOKING),
            counted("requests of doctor", lambda: run(doctor), LOOKING),
        ]
        rows.append(_of_a_fleet(here))
        here.elsewhere()
        rows.append(counted("requests of doctor, on another machine", lambda: run(doctor)))
        here.elsewhere()
        rows.append(counted("requests of new, on another machine", here.new))
    return Section("On GitHub (a fake one on this machine)", rows)


def _of_a_fleet(here: Hub) -> Row:
    """What each service of a fleet costs in which nothing has changed."""
    for _ in range(_FLEET):
        here.new()
    look = here.command("doctor", "--all")
    run(look)
    services = int(here.service.removeprefix("service-"))
    asked, _ = here.requests(lambda: run(look))
    return Row(f"requests of doctor --all for {services} services", requests=asked, note=f"{asked / services:.1f} each")
