"""`uses: organisation_settings`: an organisation's settings as defaults of its Terraform modules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from platformctl.action import Inputs
from platformctl.model import File, Json, Tree


class OrganisationSettings:
    """Renders `organisation.tf.json` for one module."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["module", "settings"],
        "additionalProperties": False,
        "properties": {
            "module": {"type": "string", "description": "The module's folder."},
            "settings": {"type": "object", "description": "What the module reads as `local.organisation`."},
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folder is not needed."""

    def render(self, inputs: Inputs) -> Tree:
        content = {"locals": {"organisation": literal(inputs["settings"])}}
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        return {f"{inputs['module']}/organisation.tf.json": File(text.encode())}


def literal(value: Any) -> Json:
    """JSON in which Terraform finds no templates: it reads strings in `.tf.json` files as such."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    return value
