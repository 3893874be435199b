"""The newest versions of the golden paths that ship, which `new`, `adopt` and `init` take."""

from __future__ import annotations

from typing import Final

from platformctl import golden_path

_PATHS: Final = golden_path.find_all([golden_path.shipped()])
SERVICE: Final = _PATHS["service"].latest
ORGANISATION: Final = _PATHS["organisation"].latest
