"""The checks of a proof: what each claims, and how each came out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from platformctl.errors import Failure, Interrupted
from platformctl.proof.evidence import Check, Verdict
from platformctl.proof.finding import Finding

TITLES: Final = {
    "dashboard": "Grafana can read the dashboard",
    "rules": "Prometheus can read the rules",
    "alerts": "Every alert says whose it is, how bad, and what to do",
    "routing": "Every alert goes to the team's pager",
    "runs": "The service runs",
    "target_up": "Prometheus scrapes it",
    "events": "It works on events, and fails on purpose",
    "quiet": "Nobody is paged while all is well, nor for a single error",
    "page_fires": "The page fires when errors begin",
    "page_arrives": "The page arrives at the team's pager",
    "page_resolves": "The page resolves when errors stop",
    "threshold_page": "The page fires at the promised burn rates, and not below",
    "threshold_ticket": "The ticket comes at the promised burn rates, and not below",
    "threshold_slow_page": "The page for slow events, too",
    "threshold_slow_ticket": "The ticket for slow events, too",
    "others": "No other alert fires",
    "panels": "Every panel of the dashboard has data",
    "records": "Every recording rule has samples",
    "evaluations": "Every rule is evaluated, and finds what it reads",
    "logs": "Logs are JSON with the standard fields",
    "trace": "A trace arrives, with the trace id of the log line",
    "absent": "Somebody is paged when the metrics stop",
    "ended": "Everything has ended",
}
"""Every check by its name for machines, in the order in which they are shown."""

_CULPRITS: Final = 20
"""How many findings of one check are told; one mistake may show in every panel."""


class Broken(Exception):  # noqa: N818 - a result
    """A claim does not hold."""

    def __init__(self, *findings: Finding, hint: str = "") -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings
        self.hint = hint


class LeftOut(Exception):  # noqa: N818 - a result
    """A claim cannot be tried, or there is nothing to try; the reason."""


def none_of(findings: Sequence[Finding]) -> None:
    """Raise `Broken` when there are any."""
    if findings:
        raise Broken(*findings)


Told = Callable[[str, str, Check | None], None]
"""Hears the id and the title of a check when it begins, and with the check when it ends; from any thread."""


class Checks:
    """How the checks of one proof came out."""

    def __init__(self, told: Told = lambda id_, title, check: None) -> None:
        self._told = told
        self._done: dict[str, Check] = {}

    def run(self, id_: str, work: Callable[[], str], needs: Sequence[str] = ()) -> bool:
        """Try a claim that makes sense when those hold that it `needs`; whether it holds.

        `work` gives what was seen. It raises `Broken`, `LeftOut`, or any `Failure` that comes in its way.
        """
        title, began = TITLES[id_], time.monotonic()
        self._told(id_, title, None)
        try:
            for needed in needs:
                if not self.holds(needed):
                    raise LeftOut(f"it was not shown that: {TITLES[needed]}")
            check = Check(id_, title, Verdict.PASSED, work())
        except LeftOut as reason:
            check = Check(id_, title, Verdict.LEFT_OUT, str(reason))
        except Broken as broken:
            check = _failed(id_, title, broken)
        except Interrupted:
            raise
        except Failure as failure:
            where = failure.where or id_
            check = Check(id_, title, Verdict.FAILED, failure.what, where, hint=failure.hint)
        self._done[id_] = Check(**{**vars(check), "seconds": round(time.monotonic() - began, 3)})
        self._told(id_, title, self._done[id_])
        return check.verdict is Verdict.PASSED

    def holds(self, id_: str) -> bool:
        """Whether a claim was shown to hold."""
        return id_ in self._done and self._done[id_].verdict is Verdict.PASSED

    def all(self) -> list[Check]:
        """Every check in the order of the table."""
        return list(self._in_order())

    def _in_order(self) -> Iterator[Check]:
        for id_, title in TITLES.items():
            yield self._done.get(id_) or Check(id_, title, Verdict.LEFT_OUT, "it was not tried")


def _failed(id_: str, title: str, broken: Broken) -> Check:
    told, more = broken.findings[:_CULPRITS], len(broken.findings) - _CULPRITS
    detail = "; ".join(map(str, told)) + (f"; and {more} more" if more > 0 else "")
    culprits = ", ".join(dict.fromkeys(finding.culprit for finding in told))
    return Check(id_, title, Verdict.FAILED, detail, culprits, hint=broken.hint)
