"""What the commands have in common at a terminal: who shows things, and how a person is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from platformctl.commands.session import Session
from platformctl.errors import BadInput, Interrupted
from platformctl.events import Event, Type
from platformctl.model import Json, Plan
from platformctl.recipe import Recipe
from platformctl.reporters.lines import Line, note_lines, plan_lines

if TYPE_CHECKING:  # most commands look at nothing
    from platformctl.commands.doctor import Told

AsJson = Annotated[bool, typer.Option("--json", help="Events as JSON, one a line, on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before applying.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask; fail when something is missing.")]


class Reporter(Protocol):
    """Shows events as they happen and results at the end."""

    def __call__(self, event: Event) -> None: ...
    def show(self, lines: Iterable[Line]) -> None: ...
    def ask(self, lines: Iterable[Line]) -> None: ...
    def close(self) -> None: ...


def is_terminal() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def reporter(as_json: bool) -> Reporter:
    """The reporter for where the output goes."""
    if as_json:
        from platformctl.reporters.ndjson import Ndjson

        return Ndjson()
    if sys.stderr.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI"):
        from platformctl.reporters.rich import Rich

        return Rich()
    from platformctl.reporters.plain import Plain

    return Plain()


def progress(as_json: bool) -> AbstractContextManager[Told]:
    """Shows on standard error how far a look at many services is; machines are told nothing."""
    if as_json:
        return nullcontext(lambda _: None)
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI"):
        from platformctl.reporters.bar import bar

        return bar()
    from platformctl.reporters.plain import looked_at

    return looked_at()


@contextmanager
def opened(command: str, as_json: bool) -> Iterator[tuple[Session, Reporter]]:
    """A session with its reporter, which is closed whatever happens. Raises `Interrupted` after Ctrl-C."""
    shown = reporter(as_json)
    try:
        yield Session.open((shown,), command), shown
    except (KeyboardInterrupt, typer.Abort):
        raise Interrupted("stopped") from None
    finally:
        shown.close()


def approval(shown: Reporter, *, yes: bool, no_input: bool) -> Callable[[Plan, Recipe], bool]:
    """Shows the plan and asks a person; without one, what was asked for is done.

    A change that cannot be taken back needs a person or `--yes`.
    """

    def approve(plan: Plan, recipe: Recipe) -> bool:
        lost = [change for change in plan.changes if change.irreversible]
        if yes:
            shown.ask(note_lines(plan))
            return True
        shown.ask(plan_lines(plan))
        if not no_input and is_terminal():
            return confirmed("Apply this?", default=not lost)
        if lost:
            raise BadInput(
                f"{lost[0].address} cannot be taken back: {lost[0].irreversible}",
                hint="Approve it with --yes",
            )
        return True

    return approve


def confirmed(question: str, *, default: bool) -> bool:
    """Ask yes or no."""
    return typer.confirm(question, default=default, err=True)


def asker(no_input: bool) -> Callable[[Recipe, str], str] | None:
    """Asks for a missing input, until the answer can be used; None where nobody is to be asked."""
    if no_input or not is_terminal():
        return None
    from platformctl.commands.new import reject

    def ask(recipe: Recipe, name: str) -> str:
        about = recipe.inputs["properties"][name].get("description", "")
        while True:
            answer: str = typer.prompt(f"{name} ({about})", err=True).strip()
            if not (why := reject(recipe, name, answer)):
                return answer
            typer.echo(f"  {why}", err=True)

    return ask


def result(session: Session, as_json: bool, data: Json, **context: str) -> None:
    """The last line for machines."""
    if as_json:
        session.stream(**context).emit(Type.RESULT, data=data)
