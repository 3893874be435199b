"""A golden path that was begun, as lines of styled spans."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from platformctl.commands.path_new import Begun
from platformctl.commands.skeleton import VERSION
from platformctl.reporters.lines import Line


def begun_lines(begun: Begun) -> Iterator[Line]:
    """What was written, and what to do next."""
    folder, name = str(begun.folder), begun.folder.name
    yield [("good", "✓ "), ("strong", name), ("", f" is begun in {folder}")]
    yield []
    yield from ([("quiet", f"  {file}")] for file in begun.files)
    yield []
    yield [("strong", "Next")]
    yield [("", f"  {shlex.join(['platformctl', 'path', 'lint', folder])}")]
    yield [("", f"  {shlex.join(['platformctl', 'path', 'test', folder])}")]
    if not begun.offered:
        yield [("", f"  name {begun.folder.parent} under golden_paths: in platform.yaml, so that platformctl finds it")]
    yield [("", f"  platformctl plan {name} example-one --team TEAM")]
    yield [("", f"  {shlex.join(['platformctl', 'path', 'release', folder, VERSION])}")]
