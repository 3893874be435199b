"""The limits that a tier sets, as recorded series: the rules of each environment record them, dashboards draw them.

| series | what |
|---|---|
| tier:cpu_limit:cores | processors that one replica gets at most |
| tier:memory_limit:bytes | memory that one replica gets at most |
| tier:max_replicas:count | how many replicas there may be, where the limits say so |

Their labels are service and environment; without the tier, so that a series goes on when the tier changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from platformctl.model import Json
from platformctl.renderers.slo import plain

CPU: Final = "tier:cpu_limit:cores"
MEMORY: Final = "tier:memory_limit:bytes"
REPLICAS: Final = "tier:max_replicas:count"

_GIVEN: Final = {
    CPU: ("cpu_limit_millicores", Decimal("0.001")),
    MEMORY: ("memory_limit_mebibytes", Decimal(2**20)),
    REPLICAS: ("max_replicas", Decimal(1)),
}
"""What `infrastructure` calls each, and its unit."""


def values(limits: Mapping[str, Any]) -> dict[str, str]:
    """The series that are recorded for these limits, each with its number as PromQL reads it."""
    return {
        record: plain(Decimal(str(limits[name])) * unit) for record, (name, unit) in _GIVEN.items() if name in limits
    }


def recordings(limits: Mapping[str, Any], labels: Mapping[str, str]) -> list[dict[str, Json]]:
    """Rules that record them with these labels."""
    return [
        {"record": record, "expr": f"vector({value})", "labels": labels} for record, value in values(limits).items()
    ]
