"""The backend behind each port, as `platform.yaml` chooses it."""

from __future__ import annotations

from typing import Any

from platformctl import plugins
from platformctl.config import Config
from platformctl.errors import BadConfig
from platformctl.home import Home
from platformctl.port import Fetches, Wait, Waits


class Ports(dict[str, Any]):
    """Backends by port, loaded when first used, through the entry points `platformctl.backends`."""

    def __init__(self, config: Config, home: Home, wait: Wait) -> None:
        super().__init__()
        self._config = config
        self._home = home
        self._wait = wait

    def __missing__(self, port: str) -> Any:
        points = plugins.points("platformctl.backends")
        known = sorted(point for point in points if point.startswith(f"{port}."))
        # platform.yaml has no field for a port that a plug-in brought: who installed its backend has chosen it.
        kind = self._config.kind(port)
        name = f"{port}.{kind}" if kind else known[0] if len(known) == 1 else port
        if name not in points:
            raise BadConfig(
                f"there is no backend {name!r}; known: {', '.join(known) or 'none'}",
                where=self._config.where(port, "kind"),
            )
        made_by = points[name].load()
        others = [self[needed] for needed in getattr(made_by, "PORTS", ())]
        self[port] = backend = made_by.configured(self._config.data, self._home.path, *others)
        if isinstance(backend, Waits):
            backend.wait_with(self._wait)
        if isinstance(backend, Fetches):
            backend.fetch_with(self["forge"].git_environment)
        return backend
