"""A container registry, asked whether it is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.errors import NoAccess
from platformctl.port import Need

_TIMEOUT: Final = 5.0
"""Seconds to wait for an answer."""
_ANSWERS: Final = (200, 401, 403)
"""What a registry answers to who has not logged in:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support"""


class Registry:
    """The registry in `registry:` of platform.yaml."""

    def __init__(self, address: str) -> None:
        self._address = address

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> Registry:
        """The platform's registry."""
        return cls(platform.get("registry", "registry.localhost"))

    def check(self) -> None:
        import requests

        host = self._address.partition("/")[0]
        scheme = "http" if host.split(":")[0] in ("localhost", "127.0.0.1") else "https"
        try:
            status = requests.get(f"{scheme}://{host}/v2/", timeout=_TIMEOUT).status_code
        except requests.RequestException:
            raise NoAccess(
                f"no registry answers at {host}", hint="See registry: in platform.yaml; pipelines push images to it"
            ) from None
        if status not in _ANSWERS:
            raise NoAccess(f"{host} answers {status}, which no registry does", hint="See registry: in platform.yaml")

    def needs(self) -> list[Need]:
        self.check()
        return [Need(f"a registry answers at {self._address}")]
