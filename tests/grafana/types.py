"""The types of Grafana 10 to 13, from its own packages, as the TypeScript compiler applies them to dashboards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests import npm
from tests.checker import Finding

HERE: Final = Path(__file__).parent
VERSIONS: Final = ("10", "11", "12", "13")
_HEAD: Final = 'import type { Checked } from "./dashboard";\nexport const page: Checked = '
_OPTIONS: Final = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "module": "esnext",
    "moduleResolution": "bundler",
    "target": "esnext",
    "types": [],
}


def findings(dashboards: Mapping[str, Any], folder: Path) -> dict[str, list[Finding]]:
    """What the types do not allow in each of these dashboards; nothing for those that all versions take.

    `folder` is empty and may be written to.
    """
    modules = npm.installed(HERE)
    shutil.copy(HERE / "dashboard.ts", folder)
    names = {f"page{number}": name for number, name in enumerate(dashboards)}
    texts = {file: f"{_HEAD}{json.dumps(dashboards[name], indent=1)};\n" for file, name in names.items()}
    for file, text in texts.items():
        (folder / f"{file}.ts").write_text(text)
    found: dict[str, list[Finding]] = {}
    for version in VERSIONS:
        for file, line, complaint in _compiled(version, modules, folder):
            assert file in names, f"the check itself does not compile for Grafana {version}: {complaint}"
            finding = Finding("dashboard", _panel(texts[file], int(line)), f"Grafana {version}: {complaint}")
            found.setdefault(names[file], []).append(finding)
    return found


def _panel(text: str, line: int) -> str:
    """The panel that has this line of a dashboard, or its key at the top. Each level is indented by one."""
    lines = text.splitlines()
    key = next((found[1] for at in reversed(lines[:line]) if (found := re.match(r' "(\w+)":', at))), "")
    if key != "panels":
        return key or "the whole"
    begin = max(number for number in range(line) if lines[number] == "  {")
    end = next(number for number in range(begin, len(lines)) if re.fullmatch("  },?", lines[number]))
    title = re.search(r'^   "title": "(.*)",?$', "\n".join(lines[begin:end]), re.MULTILINE)
    return title[1] if title else f"line {line}"


def _compiled(version: str, modules: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """File, line and text of each complaint. Lines that are indented explain the one before."""
    query = "schema-10/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen"
    paths = {
        "@grafana/schema": [str(modules / f"schema-{version}")],
        "@grafana/schema/*": [str(modules / f"schema-{version}" / "*")],
        "prometheus-query": [str(modules / query)],
    }
    config = folder / f"tsconfig.{version}.json"
    config.write_text(json.dumps({"compilerOptions": {**_OPTIONS, "paths": paths}, "include": ["*.ts"]}))
    command = [str(modules / ".bin" / "tsc"), "-p", config.name, "--pretty", "false"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    problems = re.findall(r"^(\w+)\.ts\((\d+),\d+\): error (.+(?:\n .+)*)", done.stdout, re.MULTILINE)
    assert bool(problems) == bool(done.returncode), done.stdout + done.stderr
    yield from problems
