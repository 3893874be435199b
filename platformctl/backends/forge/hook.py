"""The hook by which a repository of the embedded forge protects its branches from pushes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.home import sync_folder, write_atomically

_PLACE: Final = re.compile(r"^\s*hooksPath\s*=\s*(.*?)\s*$", re.MULTILINE | re.IGNORECASE)
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


def is_run(repository: Path) -> bool:
    """Whether git looks for hooks where this one is. Another place may be set in the repository's configuration."""
    try:
        set_ = _PLACE.findall((repository / "config").read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return False
    return not set_ or set_[-1].strip('"') == "hooks"


def in_force(repository: Path, protection: Mapping[str, Any]) -> bool:
    """Whether the hook is what this protection needs, and git runs it."""
    hook = repository / "hooks" / "pre-receive"
    try:
        return hook.read_bytes() == content(protection) and bool(hook.stat().st_mode & 0o100) and is_run(repository)
    except FileNotFoundError:
        return False


def content(protection: Mapping[str, Any]) -> bytes:
    patterns = " | ".join(f"refs/heads/{branch}" for branch in sorted(protection))
    return _HOOK.format(patterns=patterns).encode()
