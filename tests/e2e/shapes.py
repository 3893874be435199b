"""Repositories as teams have them, of different shapes: none was made by platformctl."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from tests.e2e.sandbox import World

Files = dict[str, str]

FASTAPI: Final[Files] = {
    "README.md": "# quotes\n\n[![build](https://x.example/b.svg)](https://x.example)\n\n"
    "**Quotes** for `{{ 7*7 }}` markets,\nas ${{ inputs.team }} needs them.\n\n## Run\n\nmake run\n",
    "CODEOWNERS": "* @local/payments\n/docs/ @local/writers\n",
    "Dockerfile": "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD uvicorn app.main:app\n",
    "Makefile": ".PHONY: test run\ntest:\n\tpytest\nrun:\n\tuvicorn app.main:app\n",
    ".github/workflows/ci.yml": "name: ci\non: [push]\njobs:\n  test: {runs-on: x, steps: [{run: make test}]}\n",
    ".gitignore": "*.pyc\n",
    "requirements.txt": "fastapi==0.115.0\nuvicorn[standard]\nredis>=5  # a cache\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\ndef quotes():\n    return []\n",
    "app/telemetry/logs.py": "import logging  # the team's own\n",
    "tests/test_quotes.py": "def test_quotes():\n    assert True\n",
}
"""A FastAPI service with its own image, targets, pipeline and pages."""

GO: Final[Files] = {
    "README.rst": "ledger\n======\n\nKeeps the books.\n",
    "go.mod": "module example.com/ledger\n\ngo 1.22\n",
    "cmd/ledgerd/main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":80", nil)\n}\n',
    "internal/books/books.go": "package books\n",
    "internal/books/books_test.go": "package books\n",
    "tools/gen.py": "print('generated')\n",
}
"""A Go service that is laid out in its own way, without an image."""

WORKER: Final[Files] = {
    "README.md": "# mailer\n\n- a list\n\nSends mail for every order.\n",
    ".github/CODEOWNERS": "# who\n*   @local/checkout @alice\n",
    "pyproject.toml": '[project]\nname = "mailer"\nversion = "1"\ndependencies = ["redis>=5", "httpx"]\n',
    "src/mailer/__init__.py": "",
    "src/mailer/consumer.py": "def run(client):\n    return client.xreadgroup('mailer', 'one', {'orders': '>'})\n",
    "docs": "see the wiki\n",
    "catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: mailer\n"
    "  description: Mail for orders\nspec:\n  type: worker\n  owner: group:default/checkout\n"
    "  dependsOn: [component:default/base-api, component:default/ghost]\n",
}
"""A consumer of a Redis stream, with an entry for the catalog, and a file where the path has a folder."""

NOTES: Final[Files] = {"README.md": "# Notes\n\nOf meetings.\n", "2026/monday.md": "We met.\n", "Makefile": "all:\n"}
"""Nothing that runs."""


def put(world: World, name: str, files: Files, branch: str = "main", executable: str = "") -> Path:
    """A repository on the embedded forge with these files, committed by its team."""
    folder = world.root / "clones" / name
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    if executable:
        (folder / executable).chmod(0o755)
    git(folder.parent, "init", "--quiet", f"--initial-branch={branch}", str(folder))
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "The team's work")
    forge = world.home / "forge" / "local"
    forge.mkdir(parents=True, exist_ok=True)
    git(folder, "clone", "--quiet", "--bare", str(folder), str(forge / f"{name}.git"))
    git(folder, "remote", "add", "origin", str(forge / f"{name}.git"))
    return folder


def git(folder: Path, *arguments: str) -> str:
    """What somebody does in a clone, whatever the user's own settings are."""
    who = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@localhost", "GIT_CONFIG_GLOBAL": "/dev/null"}
    who |= {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@localhost", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **who}, capture_output=True, check=True)
    return done.stdout.decode()


def merge(folder: Path, name: str, *, squash: bool = False) -> None:
    """Merge what platformctl has proposed, as a person would who has a clone."""
    git(folder, "fetch", "--quiet", "origin")
    git(folder, "reset", "--quiet", "--hard", "origin/main")
    head = f"origin/platformctl/files_{name}"
    if squash:
        said = git(folder, "log", "--format=%B", "--max-count=1", head)
        git(folder, "merge", "--quiet", "--squash", head)
        git(folder, "commit", "--quiet", "--message", said)
    else:
        git(folder, "merge", "--quiet", "--no-ff", "--no-edit", head)
    git(folder, "push", "--quiet", "origin", "HEAD:main")


def tree(folder: Path, ref: str = "origin/main") -> dict[str, str]:
    """Every file of a commit with its mode and blob hash: the same is the same byte for byte."""
    git(folder, "fetch", "--quiet", "--prune", "origin")
    lines = git(folder, "ls-tree", "-r", "-z", ref).split("\0")[:-1]
    return {path: about for about, _, path in (line.partition("\t") for line in lines)}
