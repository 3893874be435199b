"""`uses: answers_file`: `.platformctl.yaml`, the record of what a service was made with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from platformctl.action import Inputs
from platformctl.answers import FILE, Answers
from platformctl.model import File, Json, Tree
from platformctl.overrides import Override


class AnswersFile:
    """Renders the record that `configure` and `doctor` start from."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["path", "version", "answers"],
        "additionalProperties": False,
        "properties": {
            "path": {"type": "string", "description": "The golden path."},
            "version": {"type": "string", "description": "Its version."},
            "answers": {"type": "object", "description": "All answers: `${{ inputs }}`."},
            "overrides": {"type": "array", "description": "What is done otherwise: `${{ overrides }}`; nothing."},
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folder is not needed."""

    def render(self, inputs: Inputs) -> Tree:
        answers = inputs["answers"]
        given = tuple(map(Override.from_record, inputs.get("overrides", ())))
        record = Answers(answers["name"], inputs["path"], inputs["version"], answers, given)
        return {FILE: File(record.to_text().encode())}
