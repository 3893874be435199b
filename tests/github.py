"""A platform on the fake GitHub, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from platformctl.config import load_file
from platformctl.testing.github import FakeGitHub

TOKEN: Final = "ghp_canary00000000000000000000000000000000"
"""Of a person who may do everything: it must be found nowhere."""
VARIABLE: Final = "PLATFORMCTL_TEST_TOKEN"


def platform(github: FakeGitHub, **forge: Any) -> dict[str, Any]:
    """A platform.yaml for it, as data."""
    return {
        "schema": 1,
        "organisation": "acme",
        "forge": {
            "kind": "github",
            "api": github.url,
            "web": github.web_url,
            "credential": f"env:{VARIABLE}",
            "timeout_seconds": 10,
            **forge,
        },
        "catalog": {"kind": "repository"},
        "teams": [{"slug": "payments", "name": "Payments", "paging": "secret:payments"}],
    }


def written(github: FakeGitHub, folder: Path, **forge: Any) -> Path:
    """The same as a file."""
    file = folder / "platform.yaml"
    file.write_text(yaml.safe_dump(platform(github, **forge)))
    return file


def completed(github: FakeGitHub, folder: Path, **forge: Any) -> Mapping[str, Any]:
    """The same with defaults filled in, as backends get it."""
    folder.mkdir(parents=True, exist_ok=True)
    return load_file(written(github, folder, **forge)).data


APP: Final = 11
"""A GitHub App's id."""


@cache
def app_keys(*, other: bool = False) -> tuple[str, str]:
    """An App's private and public key in PEM: the App's own, or another's."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
