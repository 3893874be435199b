"""Repositories and their settings: https://docs.github.com/rest/repos/repos."""

from __future__ import annotations

import re
from typing import Any, Final

from platformctl.testing.github import access, commits, moves, trees
from platformctl.testing.github.api import properties
from platformctl.testing.github.api.repository_bodies import full, minimal
from platformctl.testing.github.api.users import actor
from platformctl.testing.github.body import Body
from platformctl.testing.github.errors import Refused, error, validation_failed
from platformctl.testing.github.moves import Move
from platformctl.testing.github.objects import Objects
from platformctl.testing.github.repository import SETTINGS, Repository
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.trees import Entry
from platformctl.testing.wire.exchange import Response

_NAME: Final = re.compile(r"[\w.-]{1,100}", re.ASCII)


@route("GET", "/orgs/{org}/repos", "")
def list_repositories(call: Call) -> list[Any]:
    call.world.organisation(call["org"])
    seen = [
        repository
        for repository in call.world.repositories.values()
        if access.has_role(call.world, call.token, repository, "pull")
        and (not repository.private or call.token.kind != "classic" or access.has_scope(call.token, "repo"))
    ]
    wanted = call.query("type", "all")
    if wanted in ("public", "private", "internal"):
        seen = [repository for repository in seen if repository.visibility == wanted]
    sort = call.query("sort", "created")
    keys = {"created": "created", "updated": "updated", "pushed": "pushed", "full_name": "full_name"}
    backwards = call.query("direction", "asc" if sort == "full_name" else "desc") == "desc"
    seen.sort(key=lambda repository: (getattr(repository, keys.get(sort, "created")), repository.id), reverse=backwards)
    return [minimal(call, repository) for repository in call.page(seen)]


@route("POST", "/orgs/{org}/repos", "administration:write", "public_repo")
def create(call: Call) -> Response:
    """https://docs.github.com/rest/repos/repos#create-an-organization-repository.

    The refusal of a taken name is recorded in https://github.com/SierraSoftworks/git-tool/issues/84.
    """
    body, site = call.body, call.site
    name = re.sub(r"[^\w.-]", "-", body.text("name"), flags=re.ASCII)
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise _creation_failed("name", "custom", "name is invalid")
    visibility = _visibility(call, body, "private" if body.flag("private", False) else "public")
    if visibility != "public" and call.token.kind == "classic" and not access.has_scope(call.token, "repo"):
        raise access.must_be_admin()
    if name.lower() in call.world.repositories:
        raise _creation_failed("name", "custom", "name already exists on this account")
    number = next(site.ids)
    git = Objects(site.folder / site.organisation / f"{name}-{number}.git")
    repository = Repository(number, name, site.organisation, visibility, "main", call.token.login, site.now(), git)
    repository.properties = properties.initial(call, body.record("custom_properties", {}))
    _set(repository, body)
    git.create("main")
    call.world.repositories[name.lower()] = repository
    if body.flag("auto_init", False):
        _initialise(call, repository)
    return Response(201, full(call, repository), {"Location": f"{site.url}/repos/{repository.full_name}"})


def _creation_failed(field: str, code: str, message: str) -> Refused:
    said = [error("Repository", field, code, message)]
    return Refused(
        422, "Repository creation failed.", errors=said, page="repos/repos#create-an-organization-repository"
    )


def _visibility(call: Call, body: Body, default: str) -> str:
    """Internal repositories are for enterprises: https://docs.github.com/repositories/creating-and-managing-repositories/about-repositories#about-internal-repositories."""
    visibility = body.choice("visibility", ("public", "private", "internal"), default)
    if visibility == "internal" and call.site.plan != "enterprise":
        said = "Only organizations associated with an enterprise can set visibility to internal"
        raise Refused(422, said, page="repos/repos")
    return visibility


def _initialise(call: Call, repository: Repository) -> None:
    """The commit that `auto_init` makes, with a README of name and description."""
    text = f"# {repository.name}" + (
        f"\n{repository.settings['description']}" if repository.settings["description"] else ""
    )
    blob = repository.git.write("blob", text.encode())
    tree = trees.write(repository.git, {"README.md": Entry("100644", blob)})
    login = actor(call)
    author = commits.signature(login, f"{login}@users.noreply.github.com", call.site.clock().isoformat())
    github = commits.Signature("GitHub", "noreply@github.com", author.seconds)
    sha = commits.write(repository.git, commits.Commit(tree, (), author, github, "Initial commit"))
    moves.make(call.world, repository, Move(f"refs/heads/{repository.default_branch}", "", sha))


def _set(repository: Repository, body: Body) -> None:
    for name, default in SETTINGS.items():
        if name not in body:
            continue
        if isinstance(default, bool):
            repository.settings[name] = body.flag(name, default)
        else:
            repository.settings[name] = body.text(name, default or "") or default
    if not any(repository.settings[f"allow_{way}"] for way in ("squash_merge", "merge_commit", "rebase_merge")):
        raise validation_failed("Repository", "merge_commit_allowed", "custom", "no_merge_method")


@route("GET", "/repos/{owner}/{repo}")
def get(call: Call) -> dict[str, Any]:
    return full(call, call.repository)


@route("PATCH", "/repos/{owner}/{repo}", "administration:write")
def update(call: Call) -> dict[str, Any]:
    """An archived repository can only be brought back."""
    body, repository = call.body, call.repository
    if repository.archived and body.flag("archived", True):
        raise access.read_only()
    if body.text("name", repository.name) != repository.name:
        raise Refused(501, "the fake does not rename repositories")
    if "visibility" in body or "private" in body:
        private = repository.visibility if repository.private else "private"
        default = private if body.flag("private", repository.private) else "public"
        repository.visibility = _visibility(call, body, default)
    branch = body.text("default_branch", repository.default_branch)
    if branch != repository.default_branch:
        if f"refs/heads/{branch}" not in repository.refs:
            said = f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API."
            raise validation_failed("Repository", "default_branch", "invalid", said)
        repository.default_branch = branch
        repository.git.point_head(branch)
    for part, wanted in body.record("security_and_analysis", {}).items():
        if part in repository.security and part != "dependabot_security_updates":
            repository.security[part] = wanted["status"]
    _set(repository, body)
    repository.archived = body.flag("archived", repository.archived)
    repository.updated = call.site.now()
    return full(call, repository)


@route("DELETE", "/repos/{owner}/{repo}", "administration:write", "delete_repo")
def delete(call: Call) -> Response:
    """The git objects stay on disk, for answers from the past; the next repository of the name gets other ones."""
    del call.world.repositories[call.repository.name.lower()]
    return Response(204)


@route("GET", "/repos/{owner}/{repo}/topics")
def get_topics(call: Call) -> dict[str, Any]:
    return {"names": sorted(call.repository.topics)}


@route("PUT", "/repos/{owner}/{repo}/topics", "administration:write")
def put_topics(call: Call) -> dict[str, Any]:
    """At most 20 topics of at most 50 letters, digits and hyphens.

    https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/classifying-your-repository-with-topics
    """
    names = [str(name).lower() for name in call.body.items("names")]
    if len(names) > 20:
        raise Refused(422, "Validation Failed", errors=["A repository cannot have more than 20 topics."])
    if wrong := [name for name in names if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", name)]:
        said = f"Topic {wrong[0]} must start with a letter or number, and consist of 50 letters, numbers and hyphens."
        raise Refused(422, "Validation Failed", errors=[said])
    call.repository.topics = sorted(set(names))
    return {"names": call.repository.topics}
