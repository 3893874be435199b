"""What becomes of a service on GitHub: in its settings, in its rules, in git, and what GitHub adds by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Final, cast

from platformctl.model import Drift
from tests.drifts import git_edits, github_outages, github_settings, harmless_git, moves, people, texts
from tests.drifts.case import Kind, Planted
from tests.drifts.github_stand import GitHubStand
from tests.drifts.owners import foreign
from tests.drifts.stand import SERVICE, Stand

STAND: Final = "GitHub"
_COMPONENT: Final = "components/payments-api.yaml"
_CATALOG: Final = "catalog/component/payments-api"
_PROTECTION: Final = "branch_protection/payments-api/main"


def _in_catalog(edit: Callable[[bytes, Random], bytes]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        before = stand.content(_COMPONENT, "catalog")
        stand.commit({_COMPONENT: edit(before, chance)}, chance, "catalog")

    return plant


def _not_in_catalog(stand: Stand, chance: Random) -> None:
    stand.commit({_COMPONENT: None}, chance, "catalog")


def _foreign_in_catalog(stand: Stand, chance: Random) -> Planted:
    _in_catalog(lambda text, chance: text.replace(b"# platformctl: payments-api", b"# platformctl: orders-api"))(
        stand, chance
    )
    return foreign(_CATALOG)


def _unknown_owner(stand: Stand, chance: Random) -> None:
    """CODEOWNERS names a team that there is not: the file is edited, and reviews by owners protect nothing."""
    stand.commit({"CODEOWNERS": b"* @acme/nobody\n"}, chance)


def _pull_request(stand: Stand, chance: Random) -> None:
    """A pull request of somebody's, a tag and a branch."""
    where = stand.repository()
    people.commit(where, {"CODEOWNERS": b"* @ours\n"}, chance, branch="theirs")
    people.git(where, "update-ref", "refs/tags/v1.0.0", "refs/heads/main")
    stand.commit({"docs/ours.md": b"ours\n"}, chance)
    body = {"title": "Theirs", "head": "theirs", "base": "main"}
    cast(GitHubStand, stand).request("POST", f"/repos/acme/{SERVICE}/pulls", body)


def _kinds() -> Iterator[Kind]:
    yield from github_settings.KINDS
    yield from _of_git()
    yield from github_outages.KINDS
    yield Kind("owners that there are not", _unknown_owner, "files", Drift.EDITED, times=2)
    yield Kind("a pull request, a tag and a branch", _pull_request, "refs", times=2)
    yield from (replace(kind, times=1) for kind in harmless_git.KINDS if kind.name in _HARMLESS)


def _of_git() -> Iterator[Kind]:
    for kind in git_edits.KINDS:
        if kind.name.endswith(("altered", "deleted", "renamed", "made executable")):
            yield replace(kind, times=1)
    yield from (replace(kind, times=1) for kind in moves.KINDS if kind.name in _MOVES)
    for edit in (texts.altered, texts.appended, texts.replaced):
        name = edit.__name__
        yield Kind(f"catalog: {name}", _in_catalog(_kept(edit)), "catalog", Drift.EDITED, gone=Drift.EDITED, times=2)
    yield Kind("catalog: deleted", _not_in_catalog, "catalog", Drift.EDITED, times=1)
    yield Kind("catalog: another service's mark", _foreign_in_catalog, "catalog", Drift.FOREIGN, times=1)


def _kept(edit: Callable[[bytes, Random], bytes]) -> Callable[[bytes, Random], bytes]:
    """An edit of all but the mark, which is the last line."""

    def kept(text: bytes, chance: Random) -> bytes:
        lines = text.splitlines(keepends=True)
        return edit(b"".join(lines[:-1]), chance) + lines[-1]

    return kept


_MOVES: Final = (
    "the record asks for another tier",
    "the record asks for another visibility",
    "the record asks for four answers",
    "the record moves on in two steps",
    "the platform has another registry",
    "the platform has another permission of the team",
    "the platform has another variable of pipelines",
    "the platform has a secret of pipelines more",
)
_HARMLESS: Final = (
    "six files of the team's",
    "files of the team's own",
    "CI releases",
    "manifests of others",
    "the record: in another order",
    "the record: without defaults",
    "an edit that was taken back",
    "empty commits",
)
KINDS: Final = tuple(replace(kind, stand=STAND) for kind in _kinds())
