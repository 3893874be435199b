"""Pull requests are merged, by git itself.

https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
"""

from __future__ import annotations

from dataclasses import replace

from platformctl.testing.github import commits, moves, protection
from platformctl.testing.github.commits import Commit, Signature
from platformctl.testing.github.errors import Refused
from platformctl.testing.github.moves import Move
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World

_SETTINGS = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}


def tree(repository: Repository, pull: Pull) -> str:
    """The tree that a merge would give, empty when there is a conflict."""
    base = repository.refs.get(f"refs/heads/{pull.base}", "")
    done = repository.git.git("merge-tree", "--write-tree", "--no-messages", base, pull.head_sha)
    return done.stdout.decode().split("\n")[0] if done.returncode == 0 else ""


def _move(repository: Repository, pull: Pull) -> Move:
    return Move(f"refs/heads/{pull.base}", repository.head(pull.base), pull.head_sha)


def obstacles(world: World, token: Token, repository: Repository, pull: Pull, method: str) -> list[str]:
    """The rules that stand in the way of a merge."""
    return protection.violations(world, token, repository, _move(repository, pull), pull, method)


def merge(
    world: World,
    token: Token,
    repository: Repository,
    pull: Pull,
    method: str,
    login: str,
    title: str,
    text: str,
) -> str:
    """Merge; the new commit of the base. Raises GitHub's 405, whose words are in
    https://github.com/Reviewable/Reviewable/issues/561 and https://github.com/claroline/Distribution/issues/419.
    """
    if pull.state != "open" or pull.draft:
        raise Refused(405, "Pull Request is not mergeable", page="pulls/pulls#merge-a-pull-request")
    if not repository.settings[_SETTINGS[method]]:
        word = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
        raise Refused(405, f"{word} are not allowed on this repository.", page="pulls/pulls#merge-a-pull-request")
    if broken := obstacles(world, token, repository, pull, method):
        said = protection.said(repository, f"refs/heads/{pull.base}", broken)
        raise Refused(405, said, page="pulls/pulls#merge-a-pull-request")
    merged = tree(repository, pull)
    if not merged:
        raise Refused(405, "Pull Request is not mergeable", page="pulls/pulls#merge-a-pull-request")
    now = world.site.clock().isoformat()
    author = commits.signature(login, f"{login}@users.noreply.github.com", now)
    sha = _write(repository, pull, method, merged, author, title, text)
    moment = world.site.now()
    pull.state, pull.merged, pull.closed, pull.updated = "closed", moment, moment, moment
    pull.merged_by, pull.merge_commit = login, sha
    moves.make(world, repository, Move(f"refs/heads/{pull.base}", repository.head(pull.base), sha))
    if repository.settings["delete_branch_on_merge"]:
        moves.make(world, repository, Move(f"refs/heads/{pull.head}", pull.head_sha, ""))
    return sha


def _write(
    repository: Repository, pull: Pull, method: str, merged: str, author: Signature, title: str, text: str
) -> str:
    git, base = repository.git, repository.head(pull.base)
    github = Signature("GitHub", "noreply@github.com", author.seconds)
    new = list(reversed(commits.between(git, base, pull.head_sha)))
    if method == "merge":
        said = title or f"Merge pull request #{pull.number} from {repository.organisation}/{pull.head}"
        return commits.write(
            git, Commit(merged, (base, pull.head_sha), author, github, _message(said, text or pull.title))
        )
    if method == "squash":
        first = commits.read(git, new[0]).message
        alone = len(new) == 1 and repository.settings["squash_merge_commit_title"] == "COMMIT_OR_PR_TITLE"
        said = title or f"{first.partition(chr(10))[0] if alone else pull.title} (#{pull.number})"
        listed = "".join(f"* {commits.read(git, sha).message.rstrip()}\n\n" for sha in new) if len(new) > 1 else ""
        rest = first.partition("\n")[2].strip()
        return commits.write(
            git, Commit(merged, (base,), author, github, _message(said, text or listed.rstrip() or rest))
        )
    for sha in new:
        commit = commits.read(git, sha)
        # The base's content upon the commit's own parent: what differs is then what the commit changes.
        ours = commits.write(git, replace(commit, tree=commits.read(git, base).tree, message="base"))
        done = git.git("merge-tree", "--write-tree", "--no-messages", ours, sha)
        if done.returncode != 0:
            raise Refused(405, "This branch can't be rebased", page="pulls/pulls#merge-a-pull-request")
        rebased = done.stdout.decode().split("\n")[0]
        base = commits.write(git, Commit(rebased, (base,), commit.author, github, commit.message))
    return base


def _message(title: str, text: str) -> str:
    return f"{title}\n\n{text}" if text else title
