"""What the parts of the forge on GitHub share: the organisation, the client, and what is known not to be there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from platformctl.backends.forge.github.address import web_host
from platformctl.backends.forge.github.client import Client
from platformctl.errors import NotFound

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,60}")


class Organisation:
    """One organisation on one GitHub; `cache` is a folder that may be deleted at any time."""

    def __init__(self, platform: Mapping[str, Any], cache: Path) -> None:
        self._organisation: str = platform["organisation"]
        self._settings: Mapping[str, Any] = platform["forge"]
        self._client = Client(self._settings)
        self._cache = cache / "github" / urlsplit(self._client.api).netloc.replace(":", " ")
        self._absent: set[str] = set()
        """Repositories that are known not to be there; creating one is itself a compare-and-swap."""
        self._made: dict[str, str] = {}
        """Repositories that were made just now, so that they hold GitHub's first commit, with the branch it is on."""
        self._heads: dict[tuple[str, str], tuple[float, str]] = {}
        """The heads of branches, and when they were read."""
        self._beneath: dict[tuple[str, str], str] = {}
        """The commits of branches that count as nothing."""

    def url(self, name: str) -> str:
        """Where a person looks at a repository."""
        return f"{self._web}/{self._organisation}/{name}"

    def _forget(self, name: str) -> None:
        """A repository comes or goes: nothing that was known of one of this name holds."""
        self._made.pop(name, None)
        for known in (self._heads, self._beneath):
            for key in [key for key in list(known) if key[0] == name]:
                known.pop(key, None)
        for part in ("tags", "owners"):
            shutil.rmtree(self._cache / part / self._organisation / name, ignore_errors=True)

    @property
    def _web(self) -> str:
        """Where people look: github.com, or the Enterprise Server whose API it is."""
        if web := self._settings.get("web"):
            return str(web).rstrip("/")
        return f"{urlsplit(self._client.api).scheme}://{web_host(self._client.api)}"

    def _path(self, name: str) -> str:
        if not is_name(name):
            raise NotFound(f"{name!r} cannot be a repository's name")
        return f"/repos/{self._organisation}/{name}"


def is_name(name: str) -> bool:
    """Whether this can be a repository's name."""
    return bool(_NAME.fullmatch(name))
