"""What people change on the forge, outside of git: settings, teams, protection, what pipelines are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from platformctl.model import Drift
from tests.drifts.case import Kind
from tests.drifts.stand import Stand
from tests.drifts.texts import edit_json

Edit = Callable[[Any, Random], object]
"""Edits the record of a repository in place."""


def meta(edit: Edit) -> Callable[[Stand, Random], None]:
    """An edit of what the embedded forge keeps of the service's repository."""

    def plant(stand: Stand, chance: Random) -> None:
        edit_json(stand.repository() / "platformctl.json", lambda whole: edit(whole, chance))

    return plant


def _setting(name: str, *values: Any) -> Edit:
    return lambda whole, chance: whole["settings"].update({name: chance.choice(values)})


def _topics(whole: Any, chance: Random) -> None:
    topics: list[str] = whole["settings"]["topics"]
    gone = chance.choice(topics)
    topics.remove(gone)
    if chance.random() < 0.5:
        topics.append(f"{gone}-x")


def _teams(whole: Any, chance: Random) -> None:
    chance.choice(
        (
            lambda teams: teams.update(payments=chance.choice(("read", "write", "admin"))),
            lambda teams: teams.update(orders=chance.choice(("write", "maintain", "admin"))),
            lambda teams: teams.pop("payments"),
            lambda teams: teams.clear(),
        )
    )(whole["settings"]["teams"])


def _several_settings(whole: Any, chance: Random) -> None:
    edits = (_setting("merge", "rebase"), _setting("visibility", "public"), _setting("description", "Mine"), _topics)
    for edit in chance.sample(edits, 3):
        edit(whole, chance)


_SETTINGS: Final[dict[str, Edit]] = {
    "another description": _setting("description", "Takes money", "", "Takes  payments", "Takes payments."),
    "a topic fewer": _topics,
    "another visibility": _setting("visibility", "public", "private"),
    "another default branch": _setting("default_branch", "master", "develop"),
    "another way to merge": _setting("merge", "merge", "rebase", "merge or squash"),
    "no security updates": _setting("security_updates", False),
    "archived": _setting("archived", True),
    "other teams": _teams,
    "three settings": _several_settings,
}


def _rule(name: str, *values: Any) -> Edit:
    return lambda whole, chance: whole["protection"]["main"].update({name: chance.choice(values)})


def _checks(whole: Any, chance: Random) -> None:
    checks: list[str] = whole["protection"]["main"]["checks"]
    chance.choice((lambda: checks.pop(chance.randrange(len(checks))), lambda: checks.append("theirs"), checks.clear))()


def _several_rules(whole: Any, chance: Random) -> None:
    edits = (_rule("reviews", 0), _rule("force_push", True), _rule("code_owners", False), _checks)
    for edit in chance.sample(edits, 3):
        edit(whole, chance)


_RULES: Final[dict[str, Edit]] = {
    "another number of reviews": _rule("reviews", 0, 2, 6),
    "no review by owners": _rule("code_owners", False),
    "other checks": _checks,
    "merge commits": _rule("linear_history", False),
    "somebody may bypass": _rule("bypass", ["role:admin"], ["organisation-admin", "team:7"]),
    "pushes by force": _rule("force_push", True),
    "the branch may be deleted": _rule("deletion", True),
    "three rules": _several_rules,
}


def _hook(change: Callable[[Stand], object]) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: change(stand) and None


def _hooks_elsewhere(stand: Stand) -> None:
    with (stand.repository() / "config").open("a") as config:
        config.write("[core]\n\thooksPath = /nowhere\n")


_HOOKS: Final[dict[str, Callable[[Stand], object]]] = {
    "removed": lambda stand: (stand.repository() / "hooks/pre-receive").unlink(),
    "emptied": lambda stand: (stand.repository() / "hooks/pre-receive").write_text("#!/bin/sh\nexit 0\n"),
    "about another branch": lambda stand: _swap(stand, "refs/heads/main", "refs/heads/master"),
    "not executable": lambda stand: (stand.repository() / "hooks/pre-receive").chmod(0o644),
    "looked for elsewhere": _hooks_elsewhere,
}


def _swap(stand: Stand, old: str, new: str) -> None:
    hook = stand.repository() / "hooks/pre-receive"
    hook.write_text(hook.read_text().replace(old, new))


def _variables(whole: Any, chance: Random) -> None:
    name = chance.choice(sorted(whole["variables"]))
    whole["variables"][name] = "mallory"


def _without(part: str) -> Edit:
    return lambda whole, chance: whole[part].pop(chance.choice(sorted(whole[part])))


def _no_pipeline(whole: Any, chance: Random) -> None:
    del whole["variables"], whole["secrets"]


def _deployment(whole: Any, chance: Random) -> None:
    whole["environments"]["staging"].update(
        chance.choice(
            ({"protected_branches_only": False}, {"wait_minutes": 30}, {"reviewers": ["orders"]}, {"other": ["user:a"]})
        )
    )


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, edit in _SETTINGS.items():
        yield Kind(f"settings: {name}", meta(edit), "settings", away, gone=away)
    for name, edit in _RULES.items():
        yield Kind(f"protection: {name}", meta(edit), "protection", away, gone=away)
    for name, change in _HOOKS.items():
        yield Kind(f"protection: the hook is {name}", _hook(change), "hook", away, gone=away, times=2)
    lifted = meta(lambda whole, chance: whole["protection"].clear())
    yield Kind("protection: lifted", lifted, "protection", away)
    yield Kind("pipeline: another value", meta(_variables), "pipeline", away)
    yield Kind("pipeline: a variable is gone", meta(_without("variables")), "pipeline", away)
    yield Kind("pipeline: a secret is gone", meta(_without("secrets")), "pipeline", away)
    yield Kind("pipeline: nothing is left", meta(_no_pipeline), "pipeline", away)
    yield Kind("deployments: another rule", meta(_deployment), "deployments", away, gone=away)
    gone = meta(lambda whole, chance: whole["environments"].clear())
    yield Kind("deployments: the environment is gone", gone, "deployments", away)


KINDS: Final = tuple(_kinds())
