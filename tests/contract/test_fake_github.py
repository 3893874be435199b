"""The fake GitHub keeps GitHub's rules, each tried once. Shapes are held against the official description elsewhere."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from platformctl.testing.github import FakeGitHub, Fault

REPO: Final = "/repos/acme/svc"
ONLY_REVIEWED: Final = {
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 1,
    "required_review_thread_resolution": False,
}


class Api:
    """Requests with one token."""

    def __init__(self, github: FakeGitHub, token: str) -> None:
        self.github = github
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, self.github.url + path, json=body, timeout=10, **more)

    def __call__(self, method: str, path: str, body: Any = None, status: int = 0) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code == status if status else answer.ok, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = self.ask(method, path, body)
        return answer.status_code, answer.json()["message"]

    def file(self, path: str, text: str, branch: str = "main") -> Any:
        body = {"message": f"add {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        return self("PUT", f"{REPO}/contents/{path}", body)

    def head(self, branch: str = "main") -> str:
        sha: str = self("GET", f"{REPO}/git/ref/heads/{branch}")["object"]["sha"]
        return sha

    def branch(self, name: str, files: dict[str, str] | None = None) -> None:
        self("POST", f"{REPO}/git/refs", {"ref": f"refs/heads/{name}", "sha": self.head()})
        for path, text in (files or {}).items():
            self.file(path, text, name)

    def commit(self, files: dict[str, str | None], parents: list[str], base: str = "") -> str:
        entries = [
            {"path": path, "mode": "100644", "type": "blob", **({"sha": None} if text is None else {"content": text})}
            for path, text in files.items()
        ]
        tree = self("POST", f"{REPO}/git/trees", {"tree": entries, **({"base_tree": base} if base else {})})["sha"]
        sha: str = self("POST", f"{REPO}/git/commits", {"message": "m", "tree": tree, "parents": parents})["sha"]
        return sha

    def protect(self, *rules: dict[str, Any], **more: Any) -> Any:
        named = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
        ruleset = {"name": "main", "enforcement": "active", "conditions": named, "rules": list(rules), **more}
        return self("POST", f"{REPO}/rulesets", ruleset)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as github:
        github.team("payments", "Payments", ("ann",))
        yield github


@pytest.fixture
def api(github: FakeGitHub) -> Api:
    """The organisation's owner, with a repository."""
    api = Api(github, github.token("owner"))
    api("POST", "/orgs/acme/repos", {"name": "svc", "auto_init": True, "visibility": "internal"})
    return api


def member(github: FakeGitHub, api: Api, login: str, permission: str) -> Api:
    """Somebody who may do that much in the repository."""
    github.team(f"team-{login}", members=(login,))
    api("PUT", f"/orgs/acme/teams/team-{login}{REPO}", {"permission": permission})
    return Api(github, github.token(f"token-{login}", login, role="member"))


REFUSALS: Final = {
    "an unknown path": ("GET", "/nowhere", None, 404, "Not Found"),
    "an unknown repository": ("GET", "/repos/acme/none", None, 404, "Not Found"),
    "another owner": ("GET", "/repos/other/svc", None, 404, "Not Found"),
    "a list for a body": ("PATCH", REPO, [], 400, "Body should be a JSON object"),
    "a taken name, whatever its case": (
        "POST",
        "/orgs/acme/repos",
        {"name": "SVC"},
        422,
        "Repository creation failed.",
    ),
    "no name": ("POST", "/orgs/acme/repos", {}, 422, 'Invalid request.\n\n"name" wasn\'t supplied.'),
    "a wrong type": ("PATCH", REPO, {"has_wiki": "x"}, 422, "Invalid request.\n\nFor 'properties/has_wiki', "),
    "a wrong word": ("PATCH", REPO, {"visibility": "secret"}, 422, "Invalid request.\n\nsecret is not a member of"),
    "no way to merge": (
        "PATCH",
        REPO,
        {"allow_merge_commit": False, "allow_squash_merge": False, "allow_rebase_merge": False},
        422,
        "Validation Failed",
    ),
    "a default branch that is not there": ("PATCH", REPO, {"default_branch": "x"}, 422, "Validation Failed"),
    "too many topics": ("PUT", f"{REPO}/topics", {"names": [f"t{n}" for n in range(21)]}, 422, "Validation Failed"),
    "a topic with a space": ("PUT", f"{REPO}/topics", {"names": ["a b"]}, 422, "Validation Failed"),
    "an unknown property": (
        "POST",
        "/orgs/acme/repos",
        {"name": "b", "custom_properties": {"x": "y"}},
        422,
        "Validation",
    ),
    "alerts that are off": ("GET", f"{REPO}/vulnerability-alerts", None, 404, "Not Found"),
    "fixes without alerts": ("PUT", f"{REPO}/automated-security-fixes", None, 422, "Vulnerability alerts must be"),
    "an unknown team": ("PUT", f"/orgs/acme/teams/none{REPO}", {}, 404, "Not Found"),
    "an unknown permission": ("PUT", f"/orgs/acme/teams/payments{REPO}", {"permission": "x"}, 422, "x is neither"),
    "a team without permission": ("GET", f"/orgs/acme/teams/payments{REPO}", None, 404, "Not Found"),
    "a branch that is not there": ("GET", f"{REPO}/branches/x", None, 404, "Branch not found"),
    "a ref that is not there": ("GET", f"{REPO}/git/ref/heads/x", None, 404, "Not Found"),
    "an update of no ref": ("PATCH", f"{REPO}/git/refs/heads/x", {"sha": "0" * 40}, 422, "Reference does not exist"),
    "a deletion of no ref": ("DELETE", f"{REPO}/git/refs/heads/x", None, 422, "Reference does not exist"),
    "the default branch's deletion": ("DELETE", f"{REPO}/git/refs/heads/main", None, 422, "Cannot delete the default"),
    "a ref on no object": (
        "POST",
        f"{REPO}/git/refs",
        {"ref": "refs/heads/x", "sha": "0" * 40},
        422,
        "Object does not",
    ),
    "a ref without refs/": (
        "POST",
        f"{REPO}/git/refs",
        {"ref": "heads/x", "sha": "0" * 40},
        422,
        "Reference name must",
    ),
    "a tree of a missing blob": (
        "POST",
        f"{REPO}/git/trees",
        {"tree": [{"path": "a", "mode": "100644", "type": "blob", "sha": "0" * 40}]},
        422,
        "tree.sha",
    ),
    "a path that climbs": (
        "POST",
        f"{REPO}/git/trees",
        {"tree": [{"path": "../a", "mode": "100644", "type": "blob", "content": ""}]},
        422,
        "tree.path contains a malformed path component",
    ),
    "a commit of no tree": (
        "POST",
        f"{REPO}/git/commits",
        {"message": "m", "tree": "0" * 40},
        422,
        "Tree SHA does not",
    ),
    "a blob that is no base64": (
        "POST",
        f"{REPO}/git/blobs",
        {"content": "*", "encoding": "base64"},
        422,
        "content is",
    ),
    "a change without the file's sha": (
        "PUT",
        f"{REPO}/contents/README.md",
        {"message": "m", "content": ""},
        422,
        'Invalid request.\n\n"sha" wasn\'t supplied.',
    ),
    "a change of an older file": (
        "PUT",
        f"{REPO}/contents/README.md",
        {"message": "m", "content": "", "sha": "0" * 40},
        409,
        "README.md does not match",
    ),
    "a tree upon nothing": ("POST", f"{REPO}/git/trees", {"base_tree": "0" * 40, "tree": []}, 422, "base_tree is not"),
    "no CODEOWNERS": ("GET", f"{REPO}/codeowners/errors", None, 404, "Not Found"),
    "an unknown rule": (
        "POST",
        f"{REPO}/rulesets",
        {"name": "r", "enforcement": "active", "rules": [{"type": "x"}]},
        422,
        "Validation Failed",
    ),
    "an unknown bypass actor": (
        "POST",
        f"{REPO}/rulesets",
        {"name": "r", "enforcement": "active", "bypass_actors": [{"actor_id": 999, "actor_type": "Team"}]},
        422,
        "Validation Failed",
    ),
    "a branch without protection": ("GET", f"{REPO}/branches/main/protection", None, 404, "Branch not protected"),
    "half a protection": ("PUT", f"{REPO}/branches/main/protection", {"enforce_admins": True}, 422, "Invalid request."),
    "a pull request of no branch": ("POST", f"{REPO}/pulls", {"title": "t", "head": "x", "base": "main"}, 422, "Valid"),
    "a pull request of nothing": (
        "POST",
        f"{REPO}/pulls",
        {"title": "t", "head": "main", "base": "main"},
        422,
        "Valid",
    ),
    "a check run of a person": (
        "POST",
        f"{REPO}/check-runs",
        {"name": "n", "head_sha": "x"},
        403,
        "You must authenticate",
    ),
    "a reviewer who is not there": (
        "PUT",
        f"{REPO}/environments/production",
        {"reviewers": [{"type": "Team", "id": 999}]},
        422,
        "Team 999",
    ),
    "a variable of GitHub's": (
        "POST",
        f"{REPO}/actions/variables",
        {"name": "GITHUB_X", "value": ""},
        422,
        "GITHUB_X is",
    ),
    "a secret that is not sealed": (
        "PUT",
        f"{REPO}/actions/secrets/S",
        {"encrypted_value": "eA==", "key_id": "0"},
        422,
        "Bad request",
    ),
    "an app's endpoint for a person": ("GET", "/app", None, 401, "A JSON web token could not be decoded"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_github_refuses_is_refused(case: str, api: Api) -> None:
    method, path, body, status, start = REFUSALS[case]
    before = api.github.state()
    found, message = api.refused(method, path, body)
    assert (found, message[: len(start)]) == (status, start)
    assert api.github.state() == before


def test_an_error_has_the_fields_that_clients_read(api: Api) -> None:
    answer = api.ask("POST", "/orgs/acme/repos", {"name": "svc"})
    assert answer.json() == {
        "message": "Repository creation failed.",
        "errors": [
            {
                "resource": "Repository",
                "code": "custom",
                "field": "name",
                "message": "name already exists on this account",
            }
        ],
        "documentation_url": "https://docs.github.com/rest/repos/repos#create-an-organization-repository",
        "status": "422",
    }


def test_bad_json_is_a_400(api: Api) -> None:
    answer = api.session.patch(api.github.url + REPO, data="{", timeout=10)
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_who_may_not_is_told_in_github_s_way(github: FakeGitHub, api: Api) -> None:
    api("POST", "/orgs/acme/repos", {"name": "open", "visibility": "public"})
    reader = Api(github, github.token("reader", "rita", role="member"))
    pushing = member(github, api, "paul", "push")
    stranger = Api(github, github.token("stranger", "sam", role=""))
    blind = Api(github, github.token("blind", "owen", scopes=()))
    waiting = Api(github, github.token("waiting", "owen", sso=True))
    narrow = Api(github, github.fine_grained("narrow", {"contents": "read"}))
    asked: list[tuple[Api, str, str, Any, int, str]] = [
        (Api(github, ""), "GET", "/user", None, 401, "Requires authentication"),
        (Api(github, "wrong"), "GET", "/repos/acme/open", None, 401, "Bad credentials"),
        (Api(github, github.token("old", expired=True)), "GET", "/user", None, 401, "Bad credentials"),
        (Api(github, ""), "GET", REPO, None, 404, "Not Found"),
        (stranger, "GET", REPO, None, 404, "Not Found"),
        (blind, "GET", REPO, None, 404, "Not Found"),
        (blind, "GET", "/orgs/acme/teams", None, 403, "Must have admin rights to Repository."),
        (waiting, "GET", REPO, None, 403, "Resource protected by organization SAML enforcement."),
        (reader, "PATCH", REPO, {"has_wiki": False}, 403, "Must have admin rights to Repository."),
        (reader, "POST", f"{REPO}/git/refs", {}, 404, "Not Found"),
        (pushing, "POST", f"{REPO}/rulesets", {}, 403, "Must have admin rights to Repository."),
        (Api(github, github.token("no", scopes=("repo",))), "DELETE", REPO, None, 403, "Must have admin rights to"),
        (narrow, "POST", f"{REPO}/git/refs", {}, 403, "Resource not accessible by personal access token"),
        (narrow, "POST", "/orgs/acme/repos", {}, 403, "Resource not accessible by personal access token"),
    ]
    for who, method, path, body, status, start in asked:
        found, message = who.refused(method, path, body)
        assert (found, message[: len(start)]) == (status, start), (path, message)
    assert Api(github, "")("GET", "/repos/acme/open")["visibility"] == "public"
    assert narrow("GET", f"{REPO}/git/ref/heads/main")["ref"] == "refs/heads/main"
    answer = narrow.ask("POST", f"{REPO}/git/refs", {})
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "contents=write"
    assert waiting.ask("GET", REPO).headers["X-GitHub-SSO"].startswith("required; url=")
    assert api.ask("GET", REPO).headers["X-OAuth-Scopes"] == "repo, workflow, read:org, delete_repo"


def test_a_repository_comes_with_its_readme_and_has_no_surprises(github: FakeGitHub, api: Api) -> None:
    asked = {
        "name": "b",
        "description": "d",
        "auto_init": True,
        "visibility": "private",
        "has_wiki": False,
        "delete_branch_on_merge": True,
    }
    made = api("POST", "/orgs/acme/repos", asked, status=201)
    assert {name: made[name] for name in asked if name != "auto_init"} == {
        n: asked[n] for n in asked if n != "auto_init"
    }
    assert made["clone_url"] == f"{github.web_url}/acme/b.git"
    content = api("GET", "/repos/acme/b/contents/README.md")
    assert base64.b64decode(content["content"]) == b"# b\nd"
    assert [one["commit"]["message"] for one in api("GET", "/repos/acme/b/commits")] == ["Initial commit"]
    api("DELETE", "/repos/acme/b", status=204)
    assert api.refused("GET", "/repos/acme/b") == (404, "Not Found")
    assert api("POST", "/orgs/acme/repos", {"name": "b"}, status=201)["id"] != made["id"]


def test_an_archived_repository_is_read_only(api: Api) -> None:
    api("PATCH", REPO, {"archived": True})
    assert api.refused("PATCH", REPO, {"has_wiki": False})[0] == 403
    assert api.refused("POST", f"{REPO}/git/blobs", {"content": ""}) == (
        403,
        "Repository was archived so is read-only.",
    )
    assert api("PATCH", REPO, {"archived": False})["archived"] is False


def test_internal_repositories_are_for_enterprises(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", plan="team") as github:
        api = Api(github, github.token("t"))
        assert api.refused("POST", "/orgs/acme/repos", {"name": "a", "visibility": "internal"})[0] == 422
        assert api("POST", "/orgs/acme/repos", {"name": "a", "visibility": "private"})["private"] is True


def test_an_empty_repository_knows_no_git_data(api: Api) -> None:
    api("POST", "/orgs/acme/repos", {"name": "empty", "visibility": "private"})
    for method, path, body in (
        ("GET", "git/ref/heads/main", None),
        ("POST", "git/blobs", {"content": "x"}),
        ("POST", "git/trees", {"tree": []}),
        ("GET", "commits", None),
    ):
        assert api.refused(method, f"/repos/acme/empty/{path}", body) == (409, "Git Repository is empty.")
    assert api.refused("GET", "/repos/acme/empty/contents/a") == (404, "This repository is empty.")
    assert api("GET", "/repos/acme/empty/branches") == []
    first = api("PUT", "/repos/acme/empty/contents/a", {"message": "m", "content": "eA=="}, status=201)
    assert first["commit"]["parents"] == []
    assert api("GET", "/repos/acme/empty/git/ref/heads/main")["object"]["sha"] == first["commit"]["sha"]


def test_alerts_carry_the_fixes(api: Api) -> None:
    alerts, fixes = f"{REPO}/vulnerability-alerts", f"{REPO}/automated-security-fixes"
    api("PUT", alerts, status=204)
    api("PUT", fixes, status=204)
    assert api("GET", fixes) == {"enabled": True, "paused": False}
    api("DELETE", alerts, status=204)
    api("PUT", alerts, status=204)
    assert api("GET", fixes) == {"enabled": False, "paused": False}


def test_teams_hold_what_they_were_given(api: Api) -> None:
    api("PUT", f"/orgs/acme/teams/payments{REPO}", {"permission": "maintain"}, status=204)
    (team,) = api("GET", f"{REPO}/teams")
    assert (team["slug"], team["permission"], team["permissions"]["admin"]) == ("payments", "maintain", False)
    assert api("GET", f"/orgs/acme/teams/payments{REPO}", status=204) is None
    told = api.ask(
        "GET", f"/orgs/acme/teams/payments{REPO}", headers={"Accept": "application/vnd.github.v3.repository+json"}
    )
    assert told.json()["role_name"] == "maintain"
    api("DELETE", f"/orgs/acme/teams/payments{REPO}", status=204)
    assert api("GET", f"{REPO}/teams") == []


def test_custom_properties_have_a_schema(github: FakeGitHub, api: Api) -> None:
    owner = Api(github, github.token("schema", scopes=("repo", "admin:org")))
    schema = {"value_type": "single_select", "allowed_values": ["a", "b"], "default_value": "a", "required": True}
    owner("PUT", "/orgs/acme/properties/schema/tier", schema)
    values = {"custom_properties": {"tier": "b"}}
    assert owner("POST", "/orgs/acme/repos", {"name": "one", **values})["custom_properties"] == {"tier": "b"}
    assert owner("POST", "/orgs/acme/repos", {"name": "two"})["custom_properties"] == {"tier": "a"}
    wrong = {"properties": [{"property_name": "tier", "value": "c"}]}
    assert owner.refused("PATCH", "/repos/acme/one/properties/values", wrong)[0] == 422
    owner(
        "PATCH",
        "/orgs/acme/properties/values",
        {"repository_names": ["one"], "properties": [{"property_name": "tier", "value": None}]},
    )
    assert owner("GET", "/repos/acme/one/properties/values") == []


def git(*arguments: str, folder: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    who = {f"GIT_{role}_{what}": "a" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], **quiet, **who, **environment}
    return subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, text=True, env=env, check=False
    )


def test_objects_have_the_names_that_git_gives_them(api: Api, tmp_path: Path) -> None:
    odd = 'a "b" é\n.txt'
    entries = [
        {"path": path, "mode": "100755", "type": "blob", "content": "1\n"} for path in (odd, "x/y", "x.z", "x-z")
    ]
    tree = api("POST", f"{REPO}/git/trees", {"tree": entries})["sha"]
    person = {"name": "Ann", "email": "ann@acme.example", "date": "2026-01-02T03:04:05+02:00"}
    commit = api("POST", f"{REPO}/git/commits", {"message": "m\n\nx\n", "tree": tree, "author": person})
    assert commit["author"]["date"] == "2026-01-02T01:04:05Z"
    git("init", "-q", ".", folder=tmp_path)
    for path in (odd, "x/y", "x.z", "x-z"):
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text("1\n")
        file.chmod(0o755)
    git("add", ".", ":!github", folder=tmp_path)
    assert git("write-tree", folder=tmp_path).stdout.strip() == tree
    named = {"NAME": "Ann", "EMAIL": "ann@acme.example", "DATE": "1767315845 +0200"}
    env = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in named.items()}
    mine = git("commit-tree", tree, folder=tmp_path, stdin="m\n\nx\n", **env)
    assert mine.stdout.strip() == commit["sha"]


def test_a_tree_changes_what_it_names(api: Api) -> None:
    first = api.commit({"a/b": "1", "a/c": "2", "d": "3"}, [])
    second = api.commit({"a/b": None, "e/f": "4"}, [first], first)
    third = api.commit({"a/c": None}, [second], second)

    def paths(commit: str) -> list[str]:
        listed = api("GET", f"{REPO}/git/trees/{commit}?recursive=1")["tree"]
        return [entry["path"] for entry in listed if entry["type"] == "blob"]

    assert (paths(second), paths(third)) == (["a/c", "d", "e/f"], ["d", "e/f"])
    gone = {"base_tree": third, "tree": [{"path": "a/c", "mode": "100644", "type": "blob", "sha": None}]}
    assert api.refused("POST", f"{REPO}/git/trees", gone)[0] == 422
    assert [entry["type"] for entry in api("GET", f"{REPO}/git/trees/{third}")["tree"]] == ["blob", "tree"]
    api.github.site.tree_limit = 1
    cut = api("GET", f"{REPO}/git/trees/{third}?recursive=1")
    assert (cut["truncated"], len(cut["tree"])) == (True, 1)


def test_refs_move_forward_unless_forced(api: Api) -> None:
    old = api.head()
    new = api.commit({"a": "1"}, [old])
    other = api.commit({"a": "2"}, [old])
    ref = f"{REPO}/git/refs/heads/main"
    assert api("PATCH", ref, {"sha": new})["object"]["sha"] == new
    assert api.refused("PATCH", ref, {"sha": other}) == (422, "Update is not a fast forward")
    api("PATCH", ref, {"sha": other, "force": True})
    assert api.head() == other
    create = {"ref": "refs/heads/main", "sha": old}
    assert api.refused("POST", f"{REPO}/git/refs", create) == (422, "Reference already exists")
    assert api.refused("POST", f"{REPO}/git/refs", {**create, "ref": "refs/heads/main/x"})[0] == 422
    api("POST", f"{REPO}/git/refs", {**create, "ref": "refs/tags/v1"})
    assert [one["ref"] for one in api("GET", f"{REPO}/git/matching-refs/tags/v")] == ["refs/tags/v1"]
    compared = api("GET", f"{REPO}/compare/v1...main")
    assert (compared["status"], compared["ahead_by"], [file["filename"] for file in compared["files"]]) == (
        "ahead",
        1,
        ["README.md", "a"],
    )


def test_a_renamed_branch_takes_everything_along(api: Api) -> None:
    api.branch("b", {"f": "1"})
    api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})
    unset = dict.fromkeys(("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"))
    api("PUT", f"{REPO}/branches/main/protection", unset)
    api("POST", f"{REPO}/branches/main/rename", {"new_name": "trunk"}, status=201)
    api("GET", f"{REPO}/branches/trunk/protection")
    assert api("GET", REPO)["default_branch"] == "trunk"
    pull = api("GET", f"{REPO}/pulls/1")
    assert (pull["base"]["ref"], pull["state"]) == ("trunk", "open")


def merge_commit(api: Api) -> str:
    side = api.commit({"s": "1"}, [api.head()])
    return api.commit({"m": "1"}, [api.head(), side])


def plain_commit(api: Api) -> str:
    return api.commit({"n": "1"}, [api.head()])


RULES: Final[dict[str, tuple[dict[str, Any], Callable[[Api], str], str]]] = {
    "pull_request": (
        {"type": "pull_request", "parameters": ONLY_REVIEWED},
        plain_commit,
        "Changes must be made through a pull request.",
    ),
    "update": ({"type": "update"}, plain_commit, "Cannot update this protected ref."),
    "non_fast_forward": (
        {"type": "non_fast_forward"},
        lambda api: api.commit({"z": "1"}, []),
        "Cannot force-push to this branch",
    ),
    "required_linear_history": (
        {"type": "required_linear_history"},
        merge_commit,
        "This branch must not contain merge commits.",
    ),
    "required_status_checks": (
        {
            "type": "required_status_checks",
            "parameters": {
                "required_status_checks": [{"context": "ci / test"}],
                "strict_required_status_checks_policy": False,
            },
        },
        plain_commit,
        'Required status check "ci / test" is expected.',
    ),
}


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_holds_for_the_api_and_for_git(kind: str, api: Api, tmp_path: Path) -> None:
    rule, made, sentence = RULES[kind]
    before, commit = api.head(), made(api)
    api.protect(rule)
    said = f"Repository rule violations found\n\n{sentence}\n\n"
    assert api.refused("PATCH", f"{REPO}/git/refs/heads/main", {"sha": commit, "force": True}) == (422, said)
    api("POST", f"{REPO}/git/refs", {"ref": "refs/heads/other", "sha": commit})
    clone(api, tmp_path)
    pushed = git("push", "--force", "origin", "origin/other:refs/heads/main", folder=tmp_path / "clone")
    assert pushed.returncode == 1 and "GH013: Repository rule violations found for refs/heads/main." in pushed.stderr
    assert f"- {sentence}" in pushed.stderr and "push declined due to repository rule violations" in pushed.stderr
    assert api.head() == before


def test_rules_bind_the_contents_api_creation_and_deletion(api: Api) -> None:
    api.branch("release/1")
    named = {"ref_name": {"include": ["refs/heads/release/*"], "exclude": ["refs/heads/release/x"]}}
    rules = [{"type": "creation"}, {"type": "deletion"}, {"type": "update"}]
    api("POST", f"{REPO}/rulesets", {"name": "r", "enforcement": "active", "conditions": named, "rules": rules})
    body = {"message": "m", "content": "", "branch": "release/1"}
    assert api.refused("PUT", f"{REPO}/contents/f", body)[0] == 409
    for path, body in (("git/refs", {"ref": "refs/heads/release/2", "sha": api.head()}),):
        assert api.refused("POST", f"{REPO}/{path}", body)[0] == 422
    assert api.refused("DELETE", f"{REPO}/git/refs/heads/release/1")[0] == 422
    api("POST", f"{REPO}/git/refs", {"ref": "refs/heads/release/x", "sha": api.head()})
    assert [rule["type"] for rule in api("GET", f"{REPO}/rules/branches/release/9")] == [
        "creation",
        "deletion",
        "update",
    ]
    (listed,) = api("GET", f"{REPO}/rulesets")
    assert "rules" not in listed
    one = f"{REPO}/rulesets/{listed['id']}"
    assert api("PUT", one, {"enforcement": "disabled"})["rules"] == rules
    api("DELETE", f"{REPO}/git/refs/heads/release/1", status=204)
    api("DELETE", one, status=204)
    assert api.refused("GET", one)[0] == 404


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        ({"actor_type": "OrganizationAdmin", "actor_id": 1}, True),
        ({"actor_type": "RepositoryRole", "actor_id": 5}, True),
        ({"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "pull_request"}, False),
        ({"actor_type": "Team"}, False),
    ],
    ids=["owner", "role", "only by pull request", "a team of others"],
)
def test_bypass_actors_pass(actor: dict[str, Any], may: bool, api: Api) -> None:
    if actor["actor_type"] == "Team":
        actor = {**actor, "actor_id": api("GET", "/orgs/acme/teams/payments")["id"]}
    made = api.protect({"type": "update"}, bypass_actors=[actor])
    assert made["current_user_can_bypass"] == ("always" if may else "never")
    assert api.ask("PATCH", f"{REPO}/git/refs/heads/main", {"sha": plain_commit(api)}).ok is may


def test_without_rulesets_there_is_classic_protection(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", rulesets=False) as github:
        api = Api(github, github.token("owner"))
        api("POST", "/orgs/acme/repos", {"name": "svc", "auto_init": True, "visibility": "private"})
        assert api.refused("GET", f"{REPO}/rulesets")[0] == 403
        rules = {
            "required_status_checks": {"strict": False, "contexts": ["ci"]},
            "enforce_admins": False,
            "required_pull_request_reviews": {"required_approving_review_count": 1},
            "restrictions": None,
        }
        put = api("PUT", f"{REPO}/branches/main/protection", rules)
        assert put["required_status_checks"]["contexts"] == ["ci"] and "restrictions" not in put
        assert api("GET", f"{REPO}/branches/main")["protection"]["enabled"] is True
        pushing = member(github, api, "paul", "push")
        new = plain_commit(api)
        ref = f"{REPO}/git/refs/heads/main"
        assert pushing.refused("PATCH", ref, {"sha": new}) == (422, "Changes must be made through a pull request.")
        clone(pushing, tmp_path)
        (tmp_path / "clone" / "f").write_text("1")
        git("add", "f", folder=tmp_path / "clone")
        git("commit", "-qm", "f", folder=tmp_path / "clone")
        pushed = git("push", "origin", "HEAD:main", folder=tmp_path / "clone")
        assert "GH006: Protected branch update failed for refs/heads/main." in pushed.stderr
        assert "protected branch hook declined" in pushed.stderr
        assert api.refused("PATCH", ref, {"sha": api.commit({}, []), "force": True})[0] == 422
        api("PATCH", ref, {"sha": new})
        api.branch("kept")
        for deletions, status in ((False, 422), (True, 204)):
            api("PUT", f"{REPO}/branches/kept/protection", {**rules, "allow_deletions": deletions})
            assert api.ask("DELETE", f"{REPO}/git/refs/heads/kept").status_code == status
        api("PUT", f"{REPO}/branches/main/protection", {**rules, "enforce_admins": True})
        assert api.refused("PATCH", ref, {"sha": plain_commit(api)})[0] == 422
        api("DELETE", f"{REPO}/branches/main/protection", status=204)
        api("PATCH", ref, {"sha": plain_commit(api)})


CODEOWNERS: Final = """\
* @acme/payments
/a @acme/none
/b @acme/readers
/c @nobody
/d @ann
/e ann@acme.example   # fine
!/f @acme/payments
/g acme/payments
"""


def test_codeowners_is_read(github: FakeGitHub, api: Api) -> None:
    github.team("readers")
    api("PUT", f"/orgs/acme/teams/payments{REPO}", {"permission": "push"})
    api("PUT", f"/orgs/acme/teams/readers{REPO}", {"permission": "pull"})
    api.file(".github/CODEOWNERS", CODEOWNERS)
    errors = api("GET", f"{REPO}/codeowners/errors")["errors"]
    assert [(error["line"], error["column"], error["kind"]) for error in errors] == [
        (2, 4, "Unknown owner"),
        (3, 4, "Unknown owner"),
        (4, 4, "Unknown owner"),
        (7, 1, "Invalid pattern"),
        (8, 4, "Invalid owner"),
    ]
    assert errors[0]["path"] == ".github/CODEOWNERS"


def test_a_pull_request_is_reviewed_checked_and_merged(github: FakeGitHub, api: Api) -> None:
    api("PUT", f"/orgs/acme/teams/payments{REPO}", {"permission": "push"})
    ann = Api(github, github.token("ann", "ann", role="member"))
    reader = Api(github, github.token("rita", "rita", role="member"))
    member(github, api, "paul", "push")
    github.team("readers")
    api.file(".github/CODEOWNERS", "* @acme/team-paul\n*.tf @acme/payments\n/z @acme/readers\n")
    api.branch("b", {"x.tf": "1\n", "z": "1\n"})
    api.file("other", "meanwhile\n")
    checks = RULES["required_status_checks"][0]
    owned = {**ONLY_REVIEWED, "require_code_owner_review": True, "allowed_merge_methods": ["squash"]}
    api.protect({"type": "pull_request", "parameters": owned}, checks)
    pull = api("POST", f"{REPO}/pulls", {"title": "T", "body": "B", "head": "acme:b", "base": "main"}, status=201)
    assert (pull["mergeable"], pull["mergeable_state"], pull["changed_files"]) == (True, "blocked", 2)
    twice = api.ask("POST", f"{REPO}/pulls", {"title": "T", "head": "b", "base": "main"}).json()
    assert twice["errors"][0]["message"] == "A pull request already exists for acme:b."
    assert [one["number"] for one in api("GET", f"{REPO}/pulls?head=acme:b&base=main&state=open")] == [1]
    assert api("GET", f"{REPO}/pulls?head=acme:other") == []

    another = {"title": "T", "head": "main", "base": "b"}
    assert reader.refused("POST", f"{REPO}/pulls", another) == (404, "Not Found")
    one, approve = f"{REPO}/pulls/1", {"event": "APPROVE"}

    def merge(**body: Any) -> tuple[int, str]:
        answer = api.ask("PUT", f"{one}/merge", {"merge_method": "squash", **body})
        return answer.status_code, answer.json()["message"]

    assert api.refused("POST", f"{one}/reviews", approve) == (422, "Unprocessable Entity")
    reader("POST", f"{one}/reviews", approve)
    status, said = merge()
    assert status == 405
    assert said.split("\n\n")[1:4] == [
        "At least 1 approving review is required by reviewers with write access.",
        "Waiting on code owner review from acme/payments.",
        'Required status check "ci / test" is expected.',
    ]
    ann("POST", f"{one}/reviews", approve)
    head = api("GET", one)["head"]["sha"]
    api("POST", f"{REPO}/statuses/{head}", {"state": "success", "context": "ci / test"}, status=201)
    assert api("GET", f"{REPO}/commits/b/status")["state"] == "success"
    assert api("GET", one)["mergeable_state"] == "clean"
    assert merge(merge_method="merge")[0] == 405
    assert merge(sha="0" * 40) == (409, "Head branch was modified. Review and try the merge again.")
    assert merge() == (200, "Pull Request successfully merged")
    tree = api("GET", f"{REPO}/git/trees/main?recursive=1")["tree"]
    assert {entry["path"] for entry in tree if entry["type"] == "blob"} == {
        ".github/CODEOWNERS",
        "README.md",
        "other",
        "x.tf",
        "z",
    }
    (last, *_) = api("GET", f"{REPO}/commits")
    assert (last["commit"]["message"], len(last["parents"])) == ("T (#1)\n\n* add x.tf\n\n* add z", 1)
    assert (api("GET", one)["merged"], api("GET", one)["merged_by"]["login"]) == (True, "robot")
    assert merge()[0] == 405
    assert api.refused("PATCH", one, {"state": "open"})[0] == 422


def test_a_push_takes_approvals_away(github: FakeGitHub, api: Api) -> None:
    ann = member(github, api, "ann2", "push")
    api.branch("b", {"f": "1"})
    api.protect({"type": "pull_request", "parameters": ONLY_REVIEWED})
    api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})
    ann("POST", f"{REPO}/pulls/1/reviews", {"event": "APPROVE"})
    api.file("g", "2", "b")
    assert [review["state"] for review in api("GET", f"{REPO}/pulls/1/reviews")] == ["DISMISSED"]
    assert api.refused("PUT", f"{REPO}/pulls/1/merge")[0] == 405


@pytest.mark.parametrize(("method", "parents", "added"), [("merge", 2, 3), ("squash", 1, 1), ("rebase", 1, 2)])
def test_every_way_to_merge_gives_the_same_tree(method: str, parents: int, added: int, api: Api) -> None:
    api.branch("b", {"f": "1", "g": "2"})
    api.file("h", "3")
    before = len(api("GET", f"{REPO}/commits"))
    api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})
    sha = api("PUT", f"{REPO}/pulls/1/merge", {"merge_method": method})["sha"]
    assert {entry["path"] for entry in api("GET", f"{REPO}/git/trees/main")["tree"]} == {"README.md", "f", "g", "h"}
    assert len(api("GET", f"{REPO}/git/commits/{sha}")["parents"]) == parents
    assert len(api("GET", f"{REPO}/commits")) == before + added


def test_merging_follows_the_settings(api: Api) -> None:
    api("PATCH", REPO, {"allow_rebase_merge": False, "delete_branch_on_merge": True})
    api.branch("b", {"f": "1"})
    api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})
    refused = api.refused("PUT", f"{REPO}/pulls/1/merge", {"merge_method": "rebase"})
    assert refused == (405, "Rebase merges are not allowed on this repository.")
    api("PUT", f"{REPO}/pulls/1/merge")
    assert [branch["name"] for branch in api("GET", f"{REPO}/branches")] == ["main"]
    assert api("GET", f"{REPO}/pulls/1")["merged"] is True


def test_a_pull_request_whose_commits_arrive_otherwise_is_merged(api: Api) -> None:
    api.branch("b", {"f": "1"})
    api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})
    api("PATCH", f"{REPO}/git/refs/heads/main", {"sha": api.head("b")})
    pull = api("GET", f"{REPO}/pulls/1")
    assert (pull["state"], pull["merged"]) == ("closed", True)


def test_a_conflict_is_not_merged(api: Api) -> None:
    api.branch("b", {"f": "1"})
    api.file("f", "2")
    assert api("POST", f"{REPO}/pulls", {"title": "t", "head": "b", "base": "main"})["mergeable_state"] == "dirty"
    assert api.refused("PUT", f"{REPO}/pulls/1/merge") == (405, "Pull Request is not mergeable")
    api("DELETE", f"{REPO}/git/refs/heads/b", status=204)
    assert api("GET", f"{REPO}/pulls/1")["state"] == "closed"


def test_environments_variables_and_access_are_kept(api: Api) -> None:
    team = api("GET", "/orgs/acme/teams/payments")["id"]
    policy = {"protected_branches": True, "custom_branch_policies": False}
    asked = {"wait_timer": 5, "reviewers": [{"type": "Team", "id": team}], "deployment_branch_policy": policy}
    made = api("PUT", f"{REPO}/environments/pro%2Fduction", asked)
    assert made["name"] == "pro/duction" and made["deployment_branch_policy"] == policy
    assert [rule["type"] for rule in made["protection_rules"]] == ["wait_timer", "required_reviewers", "branch_policy"]
    assert api("GET", f"{REPO}/environments")["total_count"] == 1
    api("DELETE", f"{REPO}/environments/pro%2Fduction", status=204)
    assert api.refused("GET", f"{REPO}/environments/pro%2Fduction")[0] == 404
    variables = f"{REPO}/actions/variables"
    api("POST", variables, {"name": "team", "value": "a"}, status=201)
    assert api.refused("POST", variables, {"name": "TEAM", "value": "b"})[0] == 409
    api("PATCH", f"{variables}/TEAM", {"value": "b"}, status=204)
    assert api("GET", f"{variables}/team")["value"] == "b"
    for number in range(11):
        api("POST", variables, {"name": f"v{number}", "value": ""})
    page = api("GET", variables)
    assert (page["total_count"], len(page["variables"])) == (12, 10)
    access = f"{REPO}/actions/permissions/access"
    assert api("GET", access) == {"access_level": "none"}
    api("PUT", access, {"access_level": "organization"}, status=204)
    api("PATCH", REPO, {"visibility": "public"})
    assert api.refused("GET", access)[0] == 422


def test_secrets_are_sealed(github: FakeGitHub, api: Api) -> None:
    from nacl.public import PublicKey, SealedBox

    secret = f"{REPO}/actions/secrets/TOKEN"
    key = api("GET", f"{REPO}/actions/secrets/public-key")
    sealed = base64.b64encode(SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"hush")).decode()
    api("PUT", secret, {"encrypted_value": sealed, "key_id": key["key_id"]}, status=201)
    api("PUT", secret, {"encrypted_value": sealed, "key_id": key["key_id"]}, status=204)
    assert github.secret("svc", "TOKEN") == "hush"
    assert set(api("GET", secret)) == {"name", "created_at", "updated_at"}
    assert github.state()["repositories"]["svc"]["secrets"] == ["TOKEN"] and "hush" not in str(github.state())
    assert api.refused("PUT", secret, {"encrypted_value": "aHVzaA==", "key_id": key["key_id"]})[0] == 422
    api("DELETE", secret, status=204)
    assert api.refused("GET", secret)[0] == 404


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_an_app_shows_its_jwt_and_gets_a_token_for_an_hour(github: FakeGitHub, api: Api, keys: tuple[str, str]) -> None:
    import jwt

    private, public = keys
    app = github.app(1, public, 2, {"contents": "write", "checks": "write", "members": "read"})
    start = datetime.now(UTC).replace(microsecond=0)
    github.site.clock = lambda: start

    def signed(**claims: Any) -> Api:
        now = int(start.timestamp())
        return Api(github, jwt.encode({"iat": now - 60, "exp": now + 540, "iss": "1", **claims}, private, "RS256"))

    itself = signed()
    assert itself("GET", "/app")["id"] == 1
    assert signed(iss=app.client_id)("GET", "/orgs/acme/installation")["id"] == 2
    for wrong in (signed(iss="9"), signed(exp=int(start.timestamp()) - 5), signed(exp=int(start.timestamp()) + 6000)):
        assert wrong.refused("GET", "/app")[0] == 401
    assert itself.refused("GET", "/orgs/acme/teams")[0] == 401
    tokens = "/app/installations/2/access_tokens"
    made = itself("POST", tokens, status=201)
    assert made["expires_at"] == (start + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    robot = Api(github, made["token"])
    head = robot("GET", f"{REPO}/git/ref/heads/main")["object"]["sha"]
    assert robot("GET", "/orgs/acme/teams")[0]["slug"] == "payments"
    assert robot.refused("PATCH", REPO, {"has_wiki": False}) == (403, "Resource not accessible by integration")
    assert robot.refused("GET", "/user") == (403, "Resource not accessible by integration")
    robot("POST", f"{REPO}/check-runs", {"name": "ci", "head_sha": head, "conclusion": "success"}, status=201)
    assert robot("GET", f"{REPO}/commits/main/check-runs")["check_runs"][0]["app"]["id"] == 1
    workflow = {"message": "m", "content": ""}
    assert robot.refused("PUT", f"{REPO}/contents/.github/workflows/ci.yml", workflow)[0] == 403
    less = itself("POST", tokens, {"permissions": {"contents": "read"}, "repositories": ["svc"]})
    assert less["repository_selection"] == "selected" and less["permissions"] == {"contents": "read"}
    assert Api(github, less["token"]).refused("POST", f"{REPO}/git/blobs", {"content": ""})[0] == 403
    assert itself.refused("POST", tokens, {"permissions": {"contents": "admin"}})[0] == 422
    github.site.clock = lambda: start + timedelta(hours=1)
    assert robot.refused("GET", REPO) == (401, "Bad credentials")


def clone(api: Api, folder: Path) -> Path:
    """A clone with the token in the remote's URL."""
    token = str(api.session.headers["Authorization"]).removeprefix("Bearer ")
    url = api.github.web_url.replace("://", f"://x-access-token:{token}@")
    done = git("clone", "-q", f"{url}/acme/svc.git", "clone", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "clone"


def test_git_clones_and_pushes_with_a_token(github: FakeGitHub, api: Api, tmp_path: Path) -> None:
    here = clone(api, tmp_path)
    assert (here / "README.md").read_text() == "# svc"
    (here / "big").write_bytes(os.urandom(3_000_000))
    git("add", ".", folder=here)
    git("commit", "-qm", "by git", folder=here)
    api.branch("gone")
    done = git("push", "origin", "HEAD:main", "HEAD:refs/heads/new/one", ":gone", folder=here)
    assert done.returncode == 0, done.stderr
    assert [branch["name"] for branch in api("GET", f"{REPO}/branches")] == ["main", "new/one"]
    assert api("GET", f"{REPO}/contents/big")["size"] == 3_000_000
    api("DELETE", f"{REPO}/git/refs/heads/new/one", status=204)
    api.branch("new")
    heads = git("ls-remote", "--heads", "origin", folder=here).stdout.split()
    assert heads[1::2] == ["refs/heads/main", "refs/heads/new"]
    api.file("by-api", "1")
    assert git("pull", "-q", "origin", "main", folder=here).returncode == 0
    assert (here / "by-api").read_text() == "1"


def test_git_checks_out_the_default_branch(api: Api, tmp_path: Path) -> None:
    here = clone(api, tmp_path)

    def head() -> str:
        return git("ls-remote", "--symref", "origin", "HEAD", folder=here).stdout.split()[1]

    assert head() == "refs/heads/main"
    api.branch("b")
    api("PATCH", REPO, {"default_branch": "b"})
    assert head() == "refs/heads/b"
    api("POST", f"{REPO}/branches/b/rename", {"new_name": "c"})
    assert head() == "refs/heads/c"


def test_git_is_refused_as_by_github(github: FakeGitHub, api: Api, tmp_path: Path) -> None:
    nobody = git("clone", "-q", f"{github.web_url}/acme/svc.git", folder=tmp_path)
    assert nobody.returncode != 0 and "could not read Username" in nobody.stderr
    stranger = Api(github, github.token("stranger", "sam", role=""))
    token = github.web_url.replace("://", "://x-access-token:stranger@")
    assert stranger.refused("GET", REPO)[0] == 404
    assert "not found" in git("clone", "-q", f"{token}/acme/svc.git", folder=tmp_path).stderr
    here = clone(Api(github, github.token("plain", scopes=("repo",))), tmp_path)
    (here / ".github" / "workflows").mkdir(parents=True)
    (here / ".github" / "workflows" / "ci.yml").write_text("on: push\n")
    git("add", ".", folder=here)
    git("commit", "-qm", "m", folder=here)
    pushed = git("push", "origin", "HEAD:main", folder=here)
    assert "refusing to allow a Personal Access Token to create or update workflow" in pushed.stderr
    workflow = {"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": ""}
    plain = Api(github, "plain")
    assert plain.refused("POST", f"{REPO}/git/trees", {"tree": [workflow]}) == (404, "Not Found")
    api.file(".github/workflows/ci.yml", "on: push\n")
    plain("POST", f"{REPO}/git/refs", {"ref": "refs/heads/same", "sha": api.head()})
    without = api.commit({"f": "1"}, [api.head()])
    status, said = plain.refused("PATCH", f"{REPO}/git/refs/heads/same", {"sha": without})
    assert (status, said.partition(" workflow ")[2]) == (422, "`.github/workflows/ci.yml` without `workflow` scope")


def test_lists_come_in_pages(api: Api) -> None:
    for number in range(4):
        api("POST", "/orgs/acme/repos", {"name": f"r{number}"})
    first = api.ask("GET", "/orgs/acme/repos?per_page=2&sort=full_name")
    assert [one["name"] for one in first.json()] == ["r0", "r1"]
    assert set(first.links) == {"next", "last"}
    second = api.session.get(first.links["next"]["url"], timeout=10)
    assert [one["name"] for one in second.json()] == ["r2", "r3"]
    last = api.session.get(first.links["last"]["url"], timeout=10)
    assert [one["name"] for one in last.json()] == ["svc"] and set(last.links) == {"prev", "first"}


def test_requests_are_counted_and_unchanged_answers_are_free(github: FakeGitHub, api: Api) -> None:
    first = api.ask("GET", REPO)
    left = int(first.headers["X-RateLimit-Remaining"])
    again = api.ask("GET", REPO, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, int(again.headers["X-RateLimit-Remaining"])) == (304, b"", left)
    api("PATCH", REPO, {"has_wiki": False})
    changed = api.ask("GET", REPO, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, int(changed.headers["X-RateLimit-Remaining"])) == (200, left - 2)
    other = Api(github, github.token("other", "olga"))
    assert other.ask("GET", REPO).headers["ETag"] != changed.headers["ETag"]
    github.limits.limit = 5000 - left + 2
    answer = api.ask("GET", REPO)
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert answer.json()["message"].startswith("API rate limit exceeded")
    assert api("GET", "/rate_limit")["rate"]["remaining"] == 0
    now = datetime.now(UTC)
    github.site.clock = lambda: now + timedelta(hours=1, seconds=1)
    api("GET", REPO)


def test_weather_comes_when_it_is_ordered(github: FakeGitHub, api: Api) -> None:
    names = iter("abcdefghij")

    def create() -> tuple[bool, int]:
        """Whether it is there afterwards, and the status."""
        name = next(names)
        try:
            status = api.ask("POST", "/orgs/acme/repos", {"name": name}).status_code
        except requests.ConnectionError:
            status = 0
        return name in github.state()["repositories"], status

    wanted: dict[Fault, tuple[bool, int]] = {
        Fault("reset_before"): (False, 0),
        Fault("reset_after"): (True, 0),
        Fault("500"): (False, 500),
        Fault("502"): (False, 502),
        Fault("502", acted=True): (True, 502),
        Fault("503"): (False, 503),
        Fault("rate_limit", seconds=7): (False, 403),
        Fault("secondary", seconds=3, status=429): (False, 429),
    }
    for fault, outcome in wanted.items():
        github.faults.add(fault)
        assert create() == outcome, fault
    assert create() == (True, 201)
    limited, secondary = github.exchanges[-3], github.exchanges[-2]
    assert limited.response_headers["X-RateLimit-Remaining"] == "0"
    assert int(limited.response_headers["X-RateLimit-Reset"]) - datetime.now(UTC).timestamp() < 8
    assert secondary.response_headers["Retry-After"] == "3"


def test_a_fault_waits_for_its_request(github: FakeGitHub, api: Api) -> None:
    github.faults.add(Fault("500", request=2, times=2, match=lambda request: request.method == "GET"))
    asked = ["GET", "PUT", "GET", "GET", "GET"]
    statuses = [
        api.ask(method, f"{REPO}/topics", {"names": []} if method == "PUT" else None).status_code for method in asked
    ]
    assert statuses == [200, 200, 500, 500, 200]
    with pytest.raises(ValueError, match="no fault is called"):
        Fault("rain")


def test_a_hang_says_nothing(github: FakeGitHub, api: Api) -> None:
    github.faults.add(Fault("hang", seconds=30))
    with pytest.raises(requests.ReadTimeout):
        api.session.get(github.url + REPO, timeout=0.1)
    api("GET", REPO)


def test_a_stale_answer_is_the_one_before_the_write_that_changed_it(github: FakeGitHub, api: Api) -> None:
    old = api.head()
    new = api.commit({"a": "1"}, [old])
    api("PATCH", f"{REPO}/git/refs/heads/main", {"sha": new})
    api("PUT", f"{REPO}/topics", {"names": ["x"]})
    github.faults.add(Fault("stale", times=2))
    assert api.head() == old
    assert api("GET", f"{REPO}/topics") == {"names": []}
    api("POST", "/orgs/acme/repos", {"name": "new"})
    assert api.head() == new and api("GET", f"{REPO}/topics") == {"names": ["x"]}
    github.faults.add(Fault("stale", times=2))
    assert api.refused("GET", "/repos/acme/new") == (404, "Not Found")
    assert "new" not in [one["name"] for one in api("GET", "/orgs/acme/repos")]
    api("GET", "/repos/acme/new")


def test_everything_that_was_said_is_recorded(github: FakeGitHub, api: Api) -> None:
    api.ask("PUT", f"{REPO}/contents/a%2Fb", {"message": "m", "content": ""})
    exchange = github.exchanges[-1]
    assert (exchange.method, exchange.path, exchange.status) == ("PUT", f"{REPO}/contents/a%2Fb", 201)
    assert exchange.template == "/repos/{owner}/{repo}/contents/{path}"
    assert exchange.request_headers["authorization"] == "Bearer owner"
    assert b'"message": "m"' in exchange.request_body and b'"a/b"' in exchange.response_body


def test_worlds_that_were_made_alike_are_alike(tmp_path: Path) -> None:
    states = []
    for name in ("one", "two"):
        with FakeGitHub(tmp_path / name) as github:
            api = Api(github, github.token("t"))
            if name == "two":
                api("POST", "/orgs/acme/repos", {"name": "other"})
                api("DELETE", "/repos/acme/other")
            team = github.team("payments")
            api("POST", "/orgs/acme/repos", {"name": "svc", "auto_init": True, "visibility": "private"})
            api.protect({"type": "update"}, bypass_actors=[{"actor_type": "Team", "actor_id": team.id}])
            api("POST", f"{REPO}/actions/variables", {"name": "A", "value": "b"})
            states.append(github.state())
    assert states[0] == states[1]
    assert states[0]["repositories"]["svc"]["variables"] == {"A": "b"}


def test_an_enterprise_server_has_its_api_elsewhere(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", enterprise_server=True) as github:
        api = Api(github, github.token("t"))
        assert github.url == f"{github.web_url}/api/v3"
        assert api("GET", "/meta")["installed_version"] == "3.19.0"
        api("POST", "/orgs/acme/repos", {"name": "svc", "auto_init": True})
        assert (clone(api, tmp_path) / "README.md").exists()
        assert requests.get(f"{github.web_url}/user", timeout=10).status_code == 404


def test_a_name_is_given_once_however_many_ask(github: FakeGitHub) -> None:
    github.token("t")
    statuses: list[int] = []

    def create() -> None:
        statuses.append(Api(github, "t").ask("POST", "/orgs/acme/repos", {"name": "one"}).status_code)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [422] * 7


def test_the_library_that_platformctl_uses_understands_it(github: FakeGitHub, api: Api) -> None:
    from github import Auth, Github, GithubException

    client = Github(
        auth=Auth.Token("owner"), base_url=github.url, seconds_between_requests=0, seconds_between_writes=0, retry=None
    )
    organisation = client.get_organization("acme")
    repository = organisation.create_repo("lib", auto_init=True, private=True)
    repository.replace_topics(["a"])
    organisation.get_team_by_slug("payments").update_team_repository(repository, "push")
    assert [team.permission for team in repository.get_teams()] == ["push"]
    assert repository.create_secret("S", "hush").name == "S" and github.secret("lib", "S") == "hush"
    repository.create_file("f", "m", "1")
    ref = repository.get_git_ref("heads/main")
    ref.edit(repository.get_commits()[1].sha, force=True)
    assert repository.enable_vulnerability_alert() and repository.get_vulnerability_alert()
    with pytest.raises(GithubException) as refused:
        organisation.create_repo("lib")
    assert refused.value.status == 422


def test_it_runs_by_itself(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "platformctl.testing.github", "--team", "payments", "--token", "t"]
    process = subprocess.Popen([*command, "--folder", str(tmp_path / "f")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        teams = requests.get(f"{url}/orgs/acme/teams", headers={"Authorization": "token t"}, timeout=10).json()
        assert [team["slug"] for team in teams] == ["payments"]
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stdout.read() == ""


@pytest.mark.parametrize("options", [{"plan": "free"}, {"folder": Path(__file__).parent}], ids=["plan", "folder"])
def test_what_cannot_be_is_said(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"plan is enterprise or team|is not empty"):
        FakeGitHub(**{"folder": tmp_path / "f", **options})


def test_the_page_for_authors_shows_what_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "test-against-github.md").read_text(encoding="utf-8")
    example = tmp_path / "test_example.py"
    example.write_text(page.split("```python\n")[1].split("```")[0], encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)]
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout
