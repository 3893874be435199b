"""Git's objects and refs, and files."""

from __future__ import annotations

import base64
from typing import Final

from tests.openapi.tour.caller import Caller

_OWNERS: Final = "* @acme/payments\n/api/ @acme/nobody\n"


def git(ask: Caller) -> None:
    at = "/repos/acme/svc"
    ask(409, f"POST {at}/git/blobs", {"content": "x", "encoding": "utf-8"})
    ask(409, f"GET {at}/git/ref/heads/main")
    first = ask(201, f"PUT {at}/contents/README.md", {"message": "m", "content": base64.b64encode(b"# svc\n").decode()})
    head, root = first["commit"]["sha"], first["commit"]["tree"]["sha"]
    blob = ask(201, f"POST {at}/git/blobs", {"content": "AAEC", "encoding": "base64"})["sha"]
    ask(200, f"GET {at}/git/blobs/{blob}")
    entries = [
        {"path": ".github/CODEOWNERS", "mode": "100644", "type": "blob", "content": _OWNERS},
        {"path": "docs/logo", "mode": "100644", "type": "blob", "sha": blob},
        {"path": "docs/run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
    ]
    tree = ask(201, f"POST {at}/git/trees", {"base_tree": root, "tree": entries})["sha"]
    ask(200, f"GET {at}/git/trees/{tree}")
    ask(200, f"GET {at}/git/trees/{tree}", query={"recursive": "1"})
    who = {"name": "Ada", "email": "ada@example.com", "date": "2026-11-23T00:00:00Z"}
    asked = {"message": "all", "tree": tree, "parents": [head], "author": who, "committer": who}
    commit = ask(201, f"POST {at}/git/commits", asked)["sha"]
    ask(200, f"GET {at}/git/commits/{commit}")
    ask(200, f"PATCH {at}/git/refs/heads/main", {"sha": commit, "force": False})
    ask(422, f"PATCH {at}/git/refs/heads/main", {"sha": head, "force": False})
    for ref in ("heads/topic/a", "tags/v1", "heads/old"):
        ask(201, f"POST {at}/git/refs", {"ref": f"refs/{ref}", "sha": commit})
    ask(422, f"POST {at}/git/refs", {"ref": "refs/tags/v1", "sha": commit})
    ask(200, f"GET {at}/git/ref/heads/topic/a")
    ask(404, f"GET {at}/git/ref/heads/nothing")
    ask(200, f"GET {at}/git/matching-refs/heads/")
    ask(200, f"GET {at}/branches", query={"per_page": 100})
    ask(200, f"GET {at}/branches/topic/a")
    tag = {"tag": "v2", "message": "m", "object": commit, "type": "commit", "tagger": who}
    made = ask(201, f"POST {at}/git/tags", tag)["sha"]
    ask(200, f"GET {at}/git/tags/{made}")
    ask(201, f"POST {at}/branches/old/rename", {"new_name": "older"})
    ask(204, f"DELETE {at}/git/refs/heads/older")
    ask(200, f"GET {at}/commits", query={"sha": "main", "path": "README.md", "per_page": 10})
    ask(200, f"GET {at}/commits/main")
    ask(200, f"GET {at}/compare/{head}...main")


def contents(ask: Caller) -> None:
    at = "/repos/acme/svc/contents"
    ask(200, f"GET {at}/")
    ask(200, f"GET {at}/docs", query={"ref": "main"})
    blob = ask(200, f"GET {at}/docs/run.sh")["sha"]
    ask(404, f"GET {at}/docs/nothing")
    asked = {"message": "m", "content": "eA==", "branch": "topic/a"}
    ask(422, f"PUT {at}/docs/run.sh", asked)
    ask(409, f"PUT {at}/docs/run.sh", asked | {"sha": "0" * 40})
    ask(200, f"PUT {at}/docs/run.sh", asked | {"sha": blob})
    ask(200, f"DELETE {at}/docs/logo", {"message": "m", "branch": "topic/a", "sha": _blob(ask, "docs/logo")})
    ask(200, "GET /repos/acme/svc/codeowners/errors", query={"ref": "main"})


def _blob(ask: Caller, path: str) -> str:
    return str(ask(200, f"GET /repos/acme/svc/contents/{path}")["sha"])
