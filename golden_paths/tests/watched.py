"""What a service of each golden path is watched with, whole or with a planted defect.

It is made by the newest recipe, as a run would make it, for what `tests/checker/promise.py` says of each path.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from test_golden import VERSIONS, Version

from platformctl.backends.alerting.files import AlertingFiles
from platformctl.model import Owner
from tests.checker import Finding
from tests.checker.promise import PROMISES, SERVICE, WORKER, Promise
from tests.defects import DEFECTS, Defect

NEWEST: Final[Mapping[str, Version]] = {one.path: one for one in VERSIONS}
"""By path; the versions of one path are in order."""
OTHERS: Final[Mapping[str, Promise]] = {
    "service": replace(WORKER, service="ledger-worker", team="ledger"),
    "worker": replace(SERVICE, service="ledger-api", team="ledger"),
}
"""By path: a service of the other one and of another team, which Alertmanager knows too."""
CASES: Final[list[Case]] = []
"""Every case that is a test."""


@dataclass(frozen=True)
class Case:
    """One artefact of a path, in which a layer of the checker finds a defect, or nothing."""

    path: str
    artefact: str
    layer: str
    defect: Defect | None = None

    def __str__(self) -> str:
        return f"{self.defect} ({self.path})" if self.defect else f"{self.artefact} of {self.path}"

    @property
    def promise(self) -> Promise:
        return PROMISES[self.path]

    @property
    def text(self) -> str:
        """The artefact."""
        whole = artefacts(self.path)[self.artefact]
        return self.defect.plant(whole) if self.defect else whole

    @property
    def dashboard(self) -> Any:
        """The same, of a dashboard."""
        return json.loads(self.text)

    def judge(self, findings: Iterable[Finding]) -> None:
        """Fail when the layer found something that there is not, or did not name the culprit."""
        found = [*map(str, findings)]
        if self.defect:
            assert any(map(self.defect.named_in, found)), f"nothing names {self.defect.culprit}: {found}"
        else:
            assert not found, found


def each(artefact: str, layer: str) -> pytest.MarkDecorator:
    """A test of what is whole, for each path, and of each defect that this layer has to see."""
    seen = [defect for defect in DEFECTS if (defect.artefact, defect.layer) == (artefact, layer)]
    cases = [Case(path, artefact, layer) for path in PROMISES]
    cases += [Case(path, artefact, layer, defect) for defect in seen for path in defect.paths]
    CASES.extend(cases)
    return pytest.mark.parametrize("case", cases, ids=str)


@cache
def artefacts(path: str) -> Mapping[str, str]:
    """Each artefact's text, by the name that the checker has for it."""
    files = rendered(path, PROMISES[path])
    return {"dashboard": files["dashboard.json"], "rules": files["rules.yml"], "alertmanager": _configuration(path)}


def rendered(path: str, promise: Promise, **answers: str) -> Mapping[str, str]:
    """Every file of the service that promises this, and of which nothing else is said but these answers."""
    facts = {"team": {"slug": promise.team, "name": promise.team, "paging": f"secret:{promise.team}"}}
    steps = NEWEST[path].made({"name": promise.service, "team": promise.team, **answers}, facts)
    return {name: file.content.decode() for _, _, files in steps for name, file in files.items()}


def _configuration(path: str) -> str:
    """Alertmanager's, as the real backend derives it from the services of two teams."""
    (other,) = PROMISES.keys() - {path}
    with TemporaryDirectory() as folder:
        alerting = AlertingFiles(Path(folder) / "alerting", Path(folder) / "lock")
        for kind, promise in ((path, PROMISES[path]), (other, OTHERS[path])):
            files, owner = rendered(kind, promise), Owner(promise.service, "run-1")
            routing = json.loads(files["routing.json"])
            alerting.put(promise.service, promise.environment, files["rules.yml"], routing, owner, "")
        return alerting.configuration(promise.service, promise.environment)
