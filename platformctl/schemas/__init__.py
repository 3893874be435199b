"""The JSON Schemas that ship with platformctl; editors complete `platform.yaml` and recipes with them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from platformctl.model import Json


@cache
def schema(name: str) -> dict[str, Json]:
    """The schema of `platform`, `recipe`, `migration`, `path`, `released`, `grid` or `answers`."""
    loaded: dict[str, Json] = json.loads((files(__name__) / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded
