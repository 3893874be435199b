"""Defects that are planted on purpose in what stands for a service, and what has to be named when one is found.

    broken = defect.plant(whole)

A defect is an edit of one text: a dashboard (JSON), a file of rules, Alertmanager's shared configuration, or a file of
the service itself. No edit knows a name or a number, so each can be planted in any service of the golden paths that it
says. `plant` fails when there is nothing to edit: then what is made has changed, and the defect has to follow.
"""

from __future__ import annotations

from typing import Final

from tests.defects import alertmanager, dashboard, rules, service
from tests.defects.defect import Defect

__all__ = ["DEFECTS", "Defect"]

DEFECTS: Final = (*dashboard.DEFECTS, *rules.DEFECTS, *alertmanager.DEFECTS, *service.DEFECTS)
