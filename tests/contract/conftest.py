"""The example plug-in is the action that keeps every promise; those that break one are made from it."""

from __future__ import annotations

import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "platformctl-motd"
sys.path.insert(0, str(EXAMPLE))
