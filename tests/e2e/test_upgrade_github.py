"""On GitHub a service comes to a later version by a pull request, which its team merges or closes there."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest
import yaml

from tests.e2e import note_path
from tests.e2e.organisation import Organisation, organisation, stage

__all__ = ["organisation", "stage"]

NAME: Final = "my-notes"
HEAD: Final = "platformctl/upgrade_files_my-notes"


@pytest.fixture
def theirs(organisation: Organisation) -> Organisation:
    """A service on `note` 1.0.0, of which 1.1.0 is there, with work of its team on main."""
    path = note_path.write(organisation.home / "paths", "1.0.0")
    file = organisation.home / "platform.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"golden_paths": ["paths"]}))
    organisation.done("new", "note", NAME, "--team", "payments", "--yes")
    note_path.put(path, "1.1.0")
    put(organisation, "app.py", note_path.FIRST["app.py"] + "line ten\n")
    organisation.exchanges()
    return organisation


def put(where: Organisation, path: str, text: str) -> None:
    """Somebody changes a file on main."""
    blob = where.ask("GET", f"/repos/acme/{NAME}/contents/{path}")["sha"]
    body = {"message": "Ours", "content": base64.b64encode(text.encode()).decode(), "sha": blob}
    where.ask("PUT", f"/repos/acme/{NAME}/contents/{path}", body)


def upgraded(where: Organisation, code: int = 0) -> dict[str, Any]:
    done = where.run("upgrade", NAME, "--yes", "--json")
    assert done.code == code, f"exit {done.code}\n{done.err}"
    found: dict[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return found


def read(where: Organisation, path: str, ref: str) -> str:
    content = where.ask("GET", f"/repos/acme/{NAME}/contents/{path}?ref={ref}")["content"]
    return base64.b64decode(content).decode()


def test_the_team_merges_and_the_rest_follows(theirs: Organisation) -> None:
    found = upgraded(theirs)
    asked = [one for one in theirs.exchanges() if one.path.startswith("/")]
    assert len(asked) <= 12
    [pull] = theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=open")
    assert found["proposed"] == {f"files/{NAME}": pull["html_url"]} and pull["title"] == "Upgrade to note 1.1.0"
    assert "CI runs on pull requests, too." in pull["body"] and "    app.py\n" in pull["body"]
    merged = read(theirs, "app.py", HEAD)
    assert "line two\n" in merged and "line ten\n" in merged

    assert upgraded(theirs)["proposed"] == found["proposed"]
    assert len(theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=all")) == 1
    assert f"an upgrade is proposed: {pull['html_url']}" in theirs.done("doctor", NAME).out
    theirs.ask("PUT", f"/repos/acme/{NAME}/pulls/{pull['number']}/merge", {"merge_method": "squash"})
    assert "version: 1.1.0" in read(theirs, ".platformctl.yaml", "main")
    theirs.done("doctor", NAME)


def test_it_is_merged_at_once_when_its_checks_are_green(theirs: Organisation) -> None:
    def merged(code: int) -> str:
        done = theirs.run("upgrade", NAME, "--merge", "--yes")
        assert done.code == code, f"exit {done.code}\n{done.err}"
        return done.out

    waits = merged(3)
    [pull] = theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=open")
    assert "It is not merged: no check of its pull request has said anything yet" in waits and pull["html_url"] in waits
    for word, says in (("in_progress", "have not ended"), ("failure", "are red")):
        theirs.github.check(NAME, pull["head"]["sha"], "ci", word, run=True)
        assert f"It is not merged: the checks of its pull request {says}" in merged(3)
    theirs.github.check(NAME, pull["head"]["sha"], "ci", "success", run=True)
    assert "is on note 1.1.0, merged as " in merged(0)
    assert "version: 1.1.0" in read(theirs, ".platformctl.yaml", "main")
    assert len(theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=all")) == 1


def test_what_is_closed_leaves_the_old_version_whole(theirs: Organisation) -> None:
    upgraded(theirs)
    [pull] = theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=open")
    theirs.ask("PATCH", f"/repos/acme/{NAME}/pulls/{pull['number']}", {"state": "closed"})
    assert "an upgrade is proposed" not in theirs.done("doctor", NAME).out
    assert "version: 1.0.0" in read(theirs, ".platformctl.yaml", "main")


def test_undo_closes_it(theirs: Organisation) -> None:
    upgraded(theirs)
    theirs.done("undo", "last", "--yes")
    assert theirs.ask("GET", f"/repos/acme/{NAME}/pulls?state=open") == []
    assert HEAD not in {one["name"] for one in theirs.ask("GET", f"/repos/acme/{NAME}/branches")}


def test_a_conflict_has_gits_markers_there_too(theirs: Organisation) -> None:
    put(theirs, "app.py", note_path.FIRST["app.py"].replace("line 2\n", "line zwei\n"))
    assert upgraded(theirs, code=3)["conflicts"] == ["app.py"]
    assert "<<<<<<< the service\nline zwei\n" in read(theirs, "app.py", HEAD)


def test_where_somebody_works_on_the_proposal_nothing_is_overwritten(theirs: Organisation) -> None:
    upgraded(theirs)
    blob = theirs.ask("GET", f"/repos/acme/{NAME}/contents/app.py?ref={HEAD}")["sha"]
    body = {"message": "By hand", "content": base64.b64encode(b"by hand\n").decode(), "sha": blob, "branch": HEAD}
    theirs.ask("PUT", f"/repos/acme/{NAME}/contents/app.py", body)
    done = theirs.run("upgrade", NAME, "--yes")
    assert done.code == 1 and "somebody else has committed to" in done.err
    assert read(theirs, "app.py", HEAD) == "by hand\n"
