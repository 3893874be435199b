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

HERE: Final = Path(__file__).parent
VERSIONS: Final = ("10", "11", "12", "13")
_OPTIONS: Final = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "module": "esnext",
    "moduleResolution": "bundler",
    "target": "esnext",
    "types": [],
}


def complaints(dashboards: Mapping[str, Any], folder: Path) -> dict[str, list[str]]:
    """What the types do not allow in each of these dashboards; nothing for those that all versions take.

    `folder` is empty and may be written to.
    """
    modules = npm.installed(HERE)
    shutil.copy(HERE / "dashboard.ts", folder)
    names = {f"page{number}": name for number, name in enumerate(dashboards)}
    for file, name in names.items():
        text = json.dumps(dashboards[name], indent=1)
        (folder / f"{file}.ts").write_text(
            f'import type {{ Checked }} from "./dashboard";\nexport const page: Checked = {text};\n'
        )
    found: dict[str, list[str]] = {}
    for version in VERSIONS:
        for file, complaint in _compiled(version, modules, folder):
            assert file in names, f"the check itself does not compile for Grafana {version}: {complaint}"
            found.setdefault(names[file], []).append(f"Grafana {version}: {complaint}")
    return found


def _compiled(version: str, modules: Path, folder: Path) -> Iterator[tuple[str, str]]:
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
    problems = re.findall(r"^(\w+)\.ts\(\d+,\d+\): error (.+)", done.stdout, re.MULTILINE)
    assert bool(problems) == bool(done.returncode), done.stdout + done.stderr
    yield from problems
