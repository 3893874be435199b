"""What html-validate says of whole pages: HTML as the standard has it, and what those need who do not see the page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests import npm

HERE: Final = Path(__file__).parent
_RULES: Final = {
    "root": True,
    "extends": ["html-validate:recommended", "html-validate:document"],
    "rules": {"long-title": "off"},  # for search engines
}


def complaints(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What is wrong with these pages: `page.html:line:column: what`. `folder` is empty and may be written to."""
    program = npm.installed(HERE) / "html-validate" / "bin" / "html-validate.mjs"
    (folder / "rules.json").write_text(json.dumps(_RULES))
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    files = [f"{name}.html" for name in pages]
    command = ["node", str(program), "--config", "rules.json", "--formatter", "text", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) in ((0, ""), (1, "")), done.stderr
    return [line.removeprefix(f"{folder.resolve()}/") for line in done.stdout.splitlines()]
