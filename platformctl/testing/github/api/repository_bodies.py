"""A repository's JSON, in the three forms that GitHub's description has."""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github import access
from platformctl.testing.github.api.users import organisation_account
from platformctl.testing.github.repository import MERGE_SETTINGS, Repository
from platformctl.testing.github.routes import Call

_LINKS: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
"""Fields that every repository has, as URI templates."""

_COUNTS: Final = ("forks", "forks_count", "open_issues", "open_issues_count", "watchers", "watchers_count", "size")


def minimal(call: Call, repository: Repository) -> dict[str, Any]:
    """The schema `minimal-repository`; what it has is in all others too."""
    site, full_name = call.site, repository.full_name
    url, web = f"{site.url}/repos/{full_name}", f"{site.web_url}/{full_name}"
    host = site.web_url.partition("://")[2]
    roles = access.ROLES[1:]
    return {
        "id": repository.id,
        "node_id": site.node_id("R", repository.id),
        "name": repository.name,
        "full_name": full_name,
        "owner": organisation_account(site),
        "private": repository.private,
        "visibility": repository.visibility,
        "html_url": web,
        "description": repository.settings["description"],
        "homepage": repository.settings["homepage"],
        "fork": False,
        "url": url,
        **{name: url + path for name, path in _LINKS.items()},
        "git_url": f"git://{host}/{full_name}.git",
        "ssh_url": f"git@{host}:{full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "language": None,
        "license": None,
        **dict.fromkeys((*_COUNTS, "stargazers_count"), 0),
        "default_branch": repository.default_branch,
        "topics": sorted(repository.topics),
        "archived": repository.archived,
        "disabled": False,
        "has_pages": False,
        **{name: value for name, value in repository.settings.items() if name not in MERGE_SETTINGS},
        "created_at": repository.created,
        "updated_at": repository.updated,
        "pushed_at": repository.pushed,
        "permissions": {role: access.has_role(call.world, call.token, repository, role) for role in reversed(roles)},
        "custom_properties": dict(repository.properties),
    }


def full(call: Call, repository: Repository) -> dict[str, Any]:
    """The schema `full-repository`; only administrators see how it is merged and secured."""
    fields = {
        **minimal(call, repository),
        "organization": organisation_account(call.site),
        "network_count": 0,
        "subscribers_count": 0,
        "temp_clone_token": "",
    }
    if access.has_role(call.world, call.token, repository, "admin"):
        fields |= {name: repository.settings[name] for name in MERGE_SETTINGS}
        fields["security_and_analysis"] = {part: {"status": word} for part, word in repository.security.items()}
    return fields


def embedded(call: Call, repository: Repository) -> dict[str, Any]:
    """The schema `repository`, which stands in other things."""
    return {name: value for name, value in minimal(call, repository).items() if name != "custom_properties"}
