"""Diagnoses to be reported: a service that is as it should be, and others with something of every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from platformctl.commands.diagnosis import VERSION, Diagnosis
from platformctl.engine.deviations import Deviation
from platformctl.engine.drift import Finding
from platformctl.model import Change, Difference, Drift, Kind, Plane, Trace
from platformctl.overrides import Override
from platformctl.unified import diff

CHECKED: Final = ((Plane.DEVELOPER, 3), (Plane.RESOURCE, 2), (Plane.MONITORING, 2), (Plane.SECURITY, 1))
AT: Final = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)


def change(address: str, plane: Plane, *lines: Difference, kind: Kind = Kind.UPDATE) -> Change:
    uses = address.partition("/")[0]
    return Change(address, kind, uses, plane, uses, before={}, after={}, differences=lines)


def finding(one: Change, drift: Drift, line: Difference | None = None, **more: Any) -> Finding:
    part = line.what if line else ""
    return Finding(one.plane, one.step, one.address, drift, part=part, change=one, line=line, **more)


def unreadable(plane: Plane, address: str, reason: str) -> Finding:
    return Finding(plane, "", address, Drift.UNREADABLE, reason=reason)


WELL: Final = Diagnosis("orders-api", "service", "1.0.0", "orders", checked=CHECKED, seconds=0.41)

_OWNERS, _RECORD = Difference("~", "CODEOWNERS", "managed"), Difference("+", ".github/workflows/ci.yml", "managed")
_FILES = change("files/payments-api", Plane.DEVELOPER, _OWNERS, _RECORD)
_REVIEWS = Difference("~", "reviews", "0 → 1")
_PROTECTION = change("branch_protection/payments-api/main", Plane.SECURITY, _REVIEWS)
_DASHBOARD = change("grafana/dashboard/svc-payments-api", Plane.MONITORING, kind=Kind.CREATE)
_OWNER, _TYPE = Difference("~", "component.spec.owner", "a → b"), Difference("~", "component.spec.type", "a → b")
_ENTRY = change("catalog/component/payments-api", Plane.DEVELOPER, _OWNER, _TYPE)
_ENTRY_DIFF = diff("owner: a\ntype: a\n", "owner: b\ntype: b\n", "catalog-info.yaml")
ENDED: Final = Override(
    "the audit needs it", "Ada", date(2026, 1, 1), date(2026, 6, 30), input="branch_protection.reviews", value=0
)

DRIFTED: Final = Diagnosis(
    "payments-api",
    "service",
    "1.0.0",
    "payments",
    findings=(
        finding(
            _FILES,
            Drift.EDITED,
            _OWNERS,
            trace=Trace("Grace Hopper", AT),
            diff=diff("* @me\n", "* @acme/payments\n", "files/payments-api/CODEOWNERS"),
        ),
        finding(_FILES, Drift.MISSING, _RECORD, diff=diff("", "on: push\n", "files/payments-api/ci.yml")),
        finding(_ENTRY, Drift.OUT_OF_BAND, _OWNER, diff=_ENTRY_DIFF),
        finding(_ENTRY, Drift.OUT_OF_BAND, _TYPE, diff=_ENTRY_DIFF),
        finding(_PROTECTION, Drift.OUT_OF_BAND, _REVIEWS, expected="1", found="0", override=ENDED),
        finding(_DASHBOARD, Drift.MISSING),
        Finding(Plane.RESOURCE, "x", "manifests/environments/x", Drift.FOREIGN, reason="it belongs to other-api"),
        unreadable(Plane.RESOURCE, "terraform/payments-api/staging", "the lights are out"),
        Finding(
            Plane.DEVELOPER, "", "record/payments-api", Drift.BEHIND, part=VERSION, expected="1.1.0", found="1.0.0"
        ),
    ),
    deviations=(
        Deviation(
            Override(
                "payments are audited", "Ada", date(2026, 1, 1), date(2027, 1, 1), input="alerts.paging", value="x"
            ),
            default="y",
            differs=True,
            outside=False,
        ),
        Deviation(Override("our own build", "Ada", date(2026, 1, 1), file="Dockerfile"), None, False, True),
    ),
    checked=CHECKED,
    seconds=0.62,
    notes=("files/payments-api is proposed: https://forge.example.org/acme/payments-api/pull/7",),
)

BLIND: Final = Diagnosis(
    "refunds-api",
    team="payments",
    findings=(unreadable(Plane.DEVELOPER, "service/refunds-api", "it gave no answer within 60 seconds"),),
)

FLEET: Final = (WELL, DRIFTED, BLIND)
EMPTY: Final = Diagnosis("", checked=())
