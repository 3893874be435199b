"""`uses: banner`: the service's name, framed, in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from platformctl.action import Inputs
from platformctl.model import File, Json, Tree


class Banner:
    """Renders `BANNER.txt`."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {
            "text": {"type": "string", "description": "What stands in the frame."},
            "frame": {"type": "string", "minLength": 1, "maxLength": 1, "description": "What it is made of; `*`."},
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folders are not needed."""

    def render(self, inputs: Inputs) -> Tree:
        frame, text = inputs.get("frame", "*"), " ".join(inputs["text"].split())
        line = frame * (len(text) + 4)
        return {"BANNER.txt": File(f"{line}\n{frame} {text} {frame}\n{line}\n".encode())}
