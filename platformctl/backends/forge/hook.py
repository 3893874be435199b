"""The hook by which a repository of the embedded forge protects its branches from pushes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.home import sync_folder, write_atomically

_HOOK: Final = """\
#!/bin/sh
# Keeps protected branches as their protection says; `platformctl doctor` sees it when this file changes.
while read -r old new ref; do
    case "$ref" in
    {patterns})
        echo "${{ref#refs/heads/}} is protected: push a branch and have it reviewed." >&2
        exit 1 ;;
    esac
done
"""


def replace(hook: Path, text: bytes) -> None:
    """Replace the hook by one that git runs from the first moment."""
    ready = hook.with_name(".pre-receive.ready")
    write_atomically(ready, text)
    ready.chmod(0o755)
    ready.replace(hook)
    sync_folder(hook.parent)


def content(protection: Mapping[str, Any]) -> bytes:
    patterns = " | ".join(f"refs/heads/{branch}" for branch in sorted(protection))
    return _HOOK.format(patterns=patterns).encode()
