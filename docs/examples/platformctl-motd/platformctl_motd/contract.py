"""What the actions are tried with, by `platformctl actions test` and by the tests."""

from __future__ import annotations

from typing import Any

from platformctl.testing import RendererCase, ResourceCase
from platformctl_motd.banner import Banner
from platformctl_motd.board import BoardInFiles
from platformctl_motd.motd import Motd


def _texts(board: Any) -> dict[str, str]:
    """What the board shows, without marks."""
    message = board.read("svc")
    return {"svc": message.text} if message else {}


BANNER = [RendererCase(Banner, {"text": "payments ☕", "frame": "#"})]
MOTD = [
    ResourceCase(
        Motd,
        inputs={"name": "svc", "text": "Down from 12 to 13"},
        other={"name": "svc", "text": "All is well"},
        port=BoardInFiles,
        world=_texts,
        noise=[".lock"],
    )
]
