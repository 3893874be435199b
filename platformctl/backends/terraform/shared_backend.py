"""`terraform: backend:` of platform.yaml: one of Terraform's own backends, its settings, and who it is reached as."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from platformctl.errors import NoAccess

_NAME: Final = "{workspace}"

_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "s3": {"key": "terraform.tfstate", "workspace_key_prefix": "platformctl", "use_lockfile": True},
}
"""What is set unless platform.yaml sets it. Without `use_lockfile` Terraform locks nothing in S3."""

_LOOKING: Final[Mapping[str, Mapping[str, str]]] = {
    "pg": dict.fromkeys(("PG_SKIP_SCHEMA_CREATION", "PG_SKIP_TABLE_CREATION", "PG_SKIP_INDEX_CREATION"), "true"),
}
"""Environment of commands that only look: Terraform's pg backend makes its tables whatever it is started for."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"pg": ("PG_CONN_STR", "PGHOST", "conn_str")}
"""One of these variables or settings must be there; without any, Terraform takes whatever listens on this machine."""


@dataclass(frozen=True)
class SharedBackend:
    """A backend of Terraform's, by its name, with the arguments that its documentation names."""

    kind: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]
    """Environment variable that the backend reads: `env:NAME`, the variable of ours that its value comes from."""
    has_workspaces: bool = True
    """Whether one place has many workspaces, of which Terraform selects one by its name."""

    def of(self, workspace: str) -> SharedBackend:
        """The same for one workspace: `{workspace}` in a setting is its name, and then the place is its alone."""
        text = json.dumps(self.settings)
        settings = json.loads(text.replace(_NAME, workspace))
        return replace(self, settings=settings, has_workspaces=_NAME not in text)

    def check(self) -> None:
        """Raise `NoAccess` for a credential that is not there."""
        known = {*self.environment, *os.environ, *self.settings}
        if (needed := _NEEDED.get(self.kind)) and not known.intersection(needed):
            raise NoAccess(
                f"nothing says where Terraform's state in {self.kind} is, and as whom to reach it",
                hint=f"Give platform.yaml terraform.backend.credentials.{needed[0]}: env:NAME",
            )

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The `terraform` block, as Terraform reads it from JSON."""
        settings = {**_DEFAULTS.get(self.kind, {}), **self.settings}
        return {"terraform": {"backend": {self.kind: settings}}}

    @property
    def looking(self) -> Mapping[str, str]:
        """The environment in which it is reached, and makes nothing. Raises `NoAccess`."""
        return {**self.environment, **_LOOKING.get(self.kind, {})}

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which it is reached. Raises `NoAccess` for a variable that is not set."""
        return {name: self._value(name, reference) for name, reference in self.credentials.items()}

    @property
    def secrets(self) -> frozenset[str]:
        """What no message may repeat: the credentials, and the passwords in them."""
        return frozenset(part for value in self.environment.values() for part in (value, *_passwords(value)) if part)

    def _value(self, name: str, reference: str) -> str:
        wanted = reference.removeprefix("env:")
        if value := os.environ.get(wanted):
            return value
        raise NoAccess(
            f"{wanted} is not set, and Terraform's state in {self.kind} is reached with it",
            hint=f"Set it; terraform.backend.credentials.{name} in platform.yaml names it",
        )


def _passwords(value: str) -> list[str]:
    """The passwords in a connection string, as they stand there and as they are."""
    found = re.findall(r"password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)", value, re.IGNORECASE)
    try:
        found += [urlsplit(value).password or ""]
    except ValueError:
        found += re.findall(r"://[^/@\s]*?:([^@]*)@", value)
    return [form for part in found for form in (part, part.strip("'"), unquote(part))]
