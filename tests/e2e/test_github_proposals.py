"""A protected branch on GitHub: what platformctl may not commit becomes a pull request, which a person merges."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.organisation import NEW, Organisation, Stage, organisation, stage
from tests.e2e.sandbox import Pristine
from tests.github import TOKEN
from tests.newest import SERVICE as NEWEST

__all__ = ["organisation", "stage"]

SERVICE: Final = "payments-api"
CONFIGURE: Final = ("configure", SERVICE, "--set", "tier=batch", "--yes")
HEAD: Final = "platformctl/files_payments-api"
REVIEWER: Final = "ghp_reviewer0000000000000000000000000000"
CHECKS: Final = ("service / lint", "service / test", "service / build")


PULL_REQUEST: Final = {
    "dismiss_stale_reviews_on_push": False,
    "require_last_push_approval": False,
    "required_review_thread_resolution": False,
}


@pytest.fixture(scope="session")
def served(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The same organisation with a service, whose code owners have a member."""
    organisation = stage.restored()
    organisation.github.team("payments", members=["alice"])
    organisation.github.token(REVIEWER, user="alice", role="member")
    organisation.done(*NEW)
    kept = Pristine.keep(organisation, tmp_path_factory.mktemp("served") / "kept")
    return Stage(stage.github, kept, stage.github.remember())


@pytest.fixture
def protected(served: Stage) -> Organisation:
    """That organisation in which nothing else was done."""
    return served.restored()


def ask(
    where: Organisation, verb: str, path: str, token: str = REVIEWER, *, repository: bool = True, **body: Any
) -> Any:
    """What a person's browser would ask of the repository, or of the organisation's."""
    place = f"repos/acme/{SERVICE}/{path}" if repository else "orgs/acme/repos"
    request = urllib.request.Request(
        f"{where.github.url}/{place}",
        method=verb,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def pulls(where: Organisation, state: str = "all") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(where, "GET", f"pulls?state={state}")
    return found


def merge(where: Organisation, number: int) -> None:
    """The checks pass, the code owners agree, and it is squashed."""
    sha = ask(where, "GET", f"pulls/{number}")["head"]["sha"]
    for check in CHECKS:
        ask(where, "POST", f"statuses/{sha}", state="success", context=check)
    ask(where, "POST", f"pulls/{number}/reviews", event="APPROVE")
    ask(where, "PUT", f"pulls/{number}/merge", merge_method="squash")


def result(where: Organisation, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What a command ends with for machines."""
    done = where.run(*arguments, "--json")
    assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
    last: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    assert last["type"] == "result", last
    found: dict[str, Any] = last["data"]
    return found


def status(where: Organisation) -> str:
    """How the last run ended."""
    found: str = result(where, "runs", "list", "--service", SERVICE)["runs"][0]["status"]
    return found


def test_what_is_configured_is_proposed_merged_and_then_all_is_well(protected: Organisation) -> None:
    done = protected.done(*CONFIGURE)
    [pull] = pulls(protected)
    url = pull["html_url"]
    assert f"… {SERVICE} is proposed, in " in done.out
    assert f"  proposed  {url}  files/{SERVICE}" in done.out and "  waits     " in done.out
    assert f"Next\n  merge {url}\n  platformctl doctor {SERVICE} --fix\n" in done.out
    assert f"files/{SERVICE} is proposed: {url}" in done.err
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["state"]) == (HEAD, "main", "open")
    assert "    tier: standard → batch\n" in pull["body"]
    assert status(protected) == "proposed"
    assert f"proposed: {url}" in protected.done("runs", "show", "last").out

    found = protected.run("doctor", SERVICE)
    assert found.code == 3 and f"note: files/{SERVICE} is proposed: {url}" in found.out

    before = protected.github.state()["repositories"][SERVICE]
    again = result(protected, *CONFIGURE)
    assert again["proposed"] == {f"files/{SERVICE}": url} and again["waiting"]
    assert protected.github.state()["repositories"][SERVICE] == before and len(pulls(protected)) == 1
    assert len(result(protected, "runs", "list", "--service", SERVICE)["runs"]) == 2

    merge(protected, pull["number"])
    protected.done("doctor", SERVICE, "--fix", "--yes")
    protected.done("doctor", SERVICE)
    assert result(protected, *CONFIGURE)["proposed"] == {}
    assert len(pulls(protected)) == 1


def test_resume_after_the_merge_ends_the_run(protected: Organisation) -> None:
    protected.done(*CONFIGURE)
    assert result(protected, "resume", "last", "--yes")["proposed"]
    merge(protected, 1)
    assert result(protected, "resume", "last", "--yes")["proposed"] == {}
    assert status(protected) == "done"
    protected.done("doctor", SERVICE)


def test_undo_withdraws_what_is_proposed(protected: Organisation) -> None:
    before = protected.everything()
    protected.done(*CONFIGURE)
    protected.done("undo", "last", "--yes")
    after = protected.everything()
    [pull] = pulls(protected)
    assert pull["state"] == "closed" and not pull["merged_at"]
    for found in (before, after):
        found["github"]["repositories"][SERVICE].pop("pulls", None)
    assert {**after, "commits": None} == {**before, "commits": None}
    protected.done("doctor", SERVICE)


def test_undo_of_what_was_merged_proposes_to_take_it_back(protected: Organisation) -> None:
    protected.done(*CONFIGURE)
    merge(protected, 1)
    protected.done("resume", "last", "--yes")
    done = protected.run("undo", "last", "--yes")
    assert done.code == 1
    back = pulls(protected, "open")
    assert [pull["title"] for pull in back] == [f"Take back files/{SERVICE}"]
    assert f"taking it back is proposed: {back[0]['html_url']}" in done.out
    merge(protected, back[0]["number"])
    protected.done("undo", "last", "--yes")
    protected.done("doctor", SERVICE)
    assert pulls(protected, "open") == []


def test_many_are_put_right_by_proposals(protected: Organisation) -> None:
    """Somebody has merged an edit of a managed file; `--all --fix` proposes to take it back and says where."""
    head = ask(protected, "GET", "git/ref/heads/main")["object"]["sha"]
    ask(protected, "POST", "git/refs", ref="refs/heads/edit", sha=head)
    there = ask(protected, "GET", "contents/CODEOWNERS?ref=edit")["sha"]
    edit = {"message": "by hand", "content": "KiBAbm9ib2R5Cg==", "branch": "edit", "sha": there}
    ask(protected, "PUT", "contents/CODEOWNERS", TOKEN, **edit)
    ask(protected, "POST", "pulls", TOKEN, title="An edit", head="edit", base="main", body="")
    merge(protected, 1)
    dry = protected.run("doctor", "--all", "--fix")
    assert dry.code == 3 and "~ CODEOWNERS  managed" in dry.out and pulls(protected, "open") == []
    done = protected.done("doctor", "--all", "--fix", "--yes")
    [pull] = pulls(protected, "open")
    assert f"… {SERVICE}  proposed, in " in done.out
    assert f"    {pull['html_url']}  files/{SERVICE}\n" in done.out and done.out.endswith("1 proposed.\n")
    [mended] = result(protected, "doctor", "--all", "--fix", "--yes")["mended"]
    assert (mended["service"], mended["status"]) == (SERVICE, "proposed") and len(pulls(protected)) == 2
    assert f"is proposed:` {pull['html_url']}\n" in protected.run("doctor", "--all", "--format", "markdown").out
    merge(protected, pull["number"])
    protected.done("doctor", "--all")


@pytest.mark.parametrize("files", [{}, {"notes.md": "bm90ZXMK"}], ids=["GitHub's first commit", "a file"])
def test_a_protected_repository_is_taken_over_by_a_proposal(files: dict[str, str], organisation: Organisation) -> None:
    ask(organisation, "POST", "", TOKEN, repository=False, name=SERVICE, private=True, auto_init=True)
    for path, content in files.items():
        ask(organisation, "PUT", f"contents/{path}", TOKEN, message="by hand", content=content)
    reviews = {"required_approving_review_count": 0, "require_code_owner_review": False}
    ruleset = {
        "name": "ours",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "pull_request", "parameters": {**PULL_REQUEST, **reviews}}],
    }
    ask(organisation, "POST", "rulesets", TOKEN, **ruleset)
    for _ in range(2):
        assert list(result(organisation, *NEW, "--adopt")["proposed"]) == [f"files/{SERVICE}"]
    made = ask(organisation, "GET", "pulls?state=all", TOKEN)
    assert [pull["title"] for pull in made] == [f"Create {SERVICE} from golden path service {NEWEST}"]
    ask(organisation, "PUT", "pulls/1/merge", TOKEN, merge_method="squash")
    assert result(organisation, *NEW)["proposed"] == {}
    assert status(organisation) == "done"
    organisation.done("doctor", SERVICE)


FRACTIONS: Final = (0.1, 0.4, 0.6, 0.8, 0.97)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_a_kill_is_finished_or_taken_back(fraction: float, protected: Organisation, points: int) -> None:
    """At a share of the journal's points; between a branch and its pull request, tests of the forge are."""
    assert killed_at(protected, int(points * fraction)) == -1
    assert result(protected, *CONFIGURE)["proposed"] and len(pulls(protected)) == 1
    protected.done("undo", "last", "--yes")
    assert [pull["state"] for pull in pulls(protected)] == ["closed"]
    protected.done("doctor", SERVICE)


@pytest.fixture(scope="session")
def points(served: Stage) -> int:
    """How many journal points there are."""
    return killed_at(served.restored(), -1)


def killed_at(where: Organisation, point: int) -> int:
    """Configure it and die at a point: gives -1. A point that does not come gives how many there were."""
    count = where.root / "tmp" / "count"
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(count), str(point), *CONFIGURE]
    done = subprocess.run(command, env=where.environment(), cwd=where.work, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGKILL:
        return -1
    assert done.returncode == 0, done.stderr
    found = int(count.read_text())
    count.unlink()
    return found
