"""Three-way merge of one file, by git's own machinery."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


def three_way(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Bring the change from `base` to `theirs` into `ours`; None when both changed the same lines."""
    if base in (theirs, ours):
        return ours if base == theirs else theirs
    if ours == theirs:
        return ours
    with tempfile.TemporaryDirectory(prefix="platformctl-") as folder:
        names = []
        for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
            file = Path(folder, name)
            file.write_bytes(content)
            names.append(str(file))
        merged = subprocess.run(["git", "merge-file", "-p", *names], capture_output=True, check=False, timeout=60)
    return merged.stdout if merged.returncode == 0 else None
