"""What stands as platformctl left it, while something else is asked for by now."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final

import yaml

from platformctl.model import Drift
from tests.drifts import people
from tests.drifts.case import Kind, Move
from tests.drifts.stand import PLATFORM, Stand

_ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "another tier": ("tier=high-availability",),
    "the tier for batches": ("tier=batch",),
    "another description": ("description=Takes payments and gives them back",),
    "another objective": ("slo.availability=99.9",),
    "another latency": ("slo.latency_seconds=0.25",),
    "other traffic": ("slo.events_per_day=500000",),
    "another visibility": ("visibility=private",),
    "a dependency": ("depends_on=orders-api",),
    "another team": ("team=orders",),
    "four answers": ("tier=batch", "description=Batches", "slo.latency_seconds=2.5", "visibility=public"),
}


def _team(**fields: str) -> list[dict[str, Any]]:
    """The teams, of which the service's own has other fields."""
    return [{**team, **fields} if team["slug"] == "payments" else team for team in PLATFORM["teams"]]


_CI: Final[Mapping[str, Any]] = PLATFORM["ci"]
_PLATFORM: Final[dict[str, Mapping[str, Any]]] = {
    "another registry": {"registry": "registry.example.com/acme"},
    "another paging key": {"teams": _team(paging="env:PAYMENTS_KEY")},
    "another way to reach the team": {"teams": _team(on_call="https://pager.example.org/payments")},
    "another permission of the team": {"teams": _team(permission="admin")},
    "another variable of pipelines": {"ci": {**_CI, "variables": {**_CI["variables"], "REGION": "eu-west-1"}}},
    "a variable of pipelines more": {"ci": {**_CI, "variables": {**_CI["variables"], "PROXY": "proxy:3128"}}},
    "a secret of pipelines more": {"ci": {**_CI, "secrets": {**_CI["secrets"], "SIGNING_KEY": "env:SIGNING_KEY"}}},
    "provenance": {"ci": {**_CI, "attest": True}},
    "somebody may bypass": {"forge": {"bypass": ["role:admin"]}},
    "another role in the cloud": {"iam": {"role": "svc-{name}"}},
    "another store of secrets": {"secrets": {"store_name": "vault"}},
    "another gateway": {"cluster": {"gateway_namespace": "edge"}},
    "a Grafana that people open": {"grafana": {"url": "https://grafana.example.org"}},
    "another folder of keys": {"alerting": {"keys_folder": "/run/keys"}},
}


def _record(text: bytes, chance: Random) -> bytes:
    """As somebody writes it: rendered, or by hand."""
    if chance.random() < 0.5:
        return text
    whole = yaml.safe_load(text)
    return f"# by hand\n{yaml.safe_dump(whole, sort_keys=chance.random() < 0.5)}".encode()


def ask(stand: Stand, chance: Random) -> None:
    """Let platform.yaml and the record ask for what the case's move says, and apply nothing."""
    assert stand.move is not None
    record = stand.after(stand.move).record
    stand.ask(stand.move)
    if stand.move.answers:
        stand.commit({".platformctl.yaml": _record(record, chance)}, chance)


def _touched_in_between(stand: Stand, chance: Random) -> None:
    """Somebody has edited managed files and taken that back, before anything else was asked for."""
    for repository, known in (
        ("payments-api", "files/payments-api"),
        ("environments", "manifests/environments/staging/payments-api"),
    ):
        under = "" if repository == "payments-api" else "staging/payments-api/"
        paths = [f"{under}{path}" for path in sorted(stand.pristine[known]) if path != ".platformctl.yaml"]
        before = {path: stand.content(path, repository) for path in paths}
        people.commit(stand.repository(repository), {path: text + b"#\n" for path, text in before.items()}, chance)
        people.commit(stand.repository(repository), dict(before), chance, 'Revert "Change it"')


def _record_again(stand: Stand, chance: Random) -> None:
    """The record is changed once more, in a way that asks for nothing else."""
    people.commit(stand.repository(), {".platformctl.yaml": stand.content(".platformctl.yaml") + b"# noted\n"}, chance)


def _in_two_steps(stand: Stand, chance: Random) -> None:
    """Two pull requests change the record, one after the other, and neither is applied."""
    whole = yaml.safe_load(stand.content(".platformctl.yaml"))
    whole["answers"].update(description="Takes a while", visibility="public", tier="batch")
    stand.commit({".platformctl.yaml": yaml.safe_dump(whole).encode()}, chance)
    ask(stand, chance)


def _rewritten(stand: Stand, chance: Random) -> None:
    people.rewrite(stand.repository())


def _elsewhere(stand: Stand, chance: Random) -> None:
    """The same looked at from another machine, which has no journal of what was applied."""
    shutil.rmtree(stand.home / "runs")


def _then(*steps: Callable[[Stand, Random], object]) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        for step in steps:
            step(stand, chance)

    return plant


def _of_record(name: str, answers: tuple[str, ...]) -> Callable[[Random], Move]:
    return lambda chance: Move(f"record: {name}", answers)


def _of_platform(name: str, sections: Mapping[str, Any]) -> Callable[[Random], Move]:
    def move(chance: Random) -> Move:
        prepared = chance.random() < 0.7
        return Move(f"platform: {name}", platform=sections, prepared=prepared)

    return move


def _any(chance: Random) -> Move:
    name = chance.choice(sorted(_ANSWERS))
    return Move(f"record: {name}", _ANSWERS[name])


def _unmarked(chance: Random) -> Move:
    names = ("another permission of the team", "another variable of pipelines", "somebody may bypass")
    name = chance.choice(names)
    return Move(f"platform: {name}", platform=_PLATFORM[name])


def _both(chance: Random) -> Move:
    answers, sections = chance.choice(sorted(_ANSWERS)), chance.choice(sorted(_PLATFORM))
    if answers == "another team":
        answers = "another tier"
    return Move(f"both: {answers}, {sections}", _ANSWERS[answers], _PLATFORM[sections])


def _kinds() -> Iterator[Kind]:
    behind = Drift.BEHIND
    for name, answers in _ANSWERS.items():
        yield Kind(f"the record asks for {name}", ask, "move", behind, move=_of_record(name, answers), times=3)
    for name, sections in _PLATFORM.items():
        yield Kind(f"the platform has {name}", ask, "move", behind, move=_of_platform(name, sections), times=3)
    yield Kind("record and platform move on", ask, "move", behind, move=_both)
    yield Kind("the record moves on, and is noted in", _then(ask, _record_again), "move", behind, move=_any)
    yield Kind("the record moves on in two steps", _in_two_steps, "move", behind, move=_any)
    yield Kind("the record moves on, seen from elsewhere", _then(ask, _elsewhere), "", behind, move=_any)
    yield Kind(
        "the platform moves on, seen from elsewhere",
        _then(ask, _elsewhere),
        "",
        behind,
        move=_unmarked,
        short="From a machine that has no journal of what was applied, settings on the forge that platform.yaml asks"
        " for otherwise by now are told as out-of-band, or as missing: nothing there says who left them.",
    )
    yield Kind(
        "the history is rewritten, then the platform moves on",
        _then(_rewritten, ask),
        "",
        behind,
        move=_of_platform("another registry", _PLATFORM["another registry"]),
        times=2,
        short="After somebody has rewritten a history, platformctl's commits are no longer in it, and files that stand"
        " as platformctl left them are told as edited.",
    )
    twice = _then(_touched_in_between, ask)
    yield Kind("edited and taken back, then the record moves on", twice, "move", behind, move=_any)


KINDS: Final = tuple(_kinds())
