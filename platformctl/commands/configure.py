"""`platformctl configure`: change a service's answers, and with them whatever follows from them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import BadInput
from platformctl.inputs import put, read_setting
from platformctl.model import Plan
from platformctl.recipe import Recipe


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    service: str
    settings: Sequence[str]


def configure(options: Options, session: Session, approve: Approve) -> Outcome:
    """Plan the recorded recipe with the changed answers, and apply it; asked again, go on with what did not end."""
    service = session.service(options.service).service
    held = run.lock(session, service)
    try:
        request, _ = _request(options, session)
        return run.carry_out(session, request, approve, run.unfinished(session, request))
    finally:
        held.release()


def preview(options: Options, session: Session) -> tuple[Plan, Recipe]:
    """What `configure` would do. Writes nothing."""
    with session.scratch() as prepared:
        request, recipe = _request(options, prepared)
        return planning.make(request), recipe


def _request(options: Options, session: Session) -> tuple[Request, Recipe]:
    record = session.service(options.service)
    recipe = session.wiring.recipe(record.path, record.version)
    session.recorded_request(recipe, record)
    answers = copy.deepcopy(dict(record.answers))
    for setting in options.settings:
        name, value = read_setting(recipe.inputs, setting)
        if name == ("name",):
            raise BadInput("a service keeps its name", hint="Make a new one with platformctl new")
        put(answers, name, value)
    request = session.request(recipe, answers, session.request_before(record), adopt=True, overrides=record.overrides)
    session.wiring.check(recipe, request.answers)
    return request, recipe
