"""The inputs of a golden path as options: `--tier batch` is `--set tier=batch`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from typer.core import TyperCommand

from platformctl.errors import BadInput

_ARGUMENTS: Final = "platformctl.arguments"


class WithInputs(TyperCommand):
    """Shows the inputs of the path that was named, below the options."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Remember the arguments, so that help can say more about them."""
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The inputs of the path, then the example."""
        named = next((text for text in ctx.meta.get(_ARGUMENTS, ()) if not text.startswith("-")), "")
        if named:
            _write_inputs(named, formatter)
        super().format_epilog(ctx, formatter)


def _write_inputs(path: str, formatter: Any) -> None:
    from platformctl.commands.session import Session
    from platformctl.errors import Failure
    from platformctl.inputs import leaves

    try:
        recipe = Session.open((), "help").wiring.recipe(path)
    except Failure:
        return
    rows = []
    for name, part in leaves(recipe.inputs):
        accepts = f" ({' | '.join(map(str, part['enum']))})" if "enum" in part else ""
        rows.append((f"--{name.replace('_', '-')}", f"{part.get('description', '')}{accepts}"))
    with formatter.section(f"Inputs of {path} {recipe.version}"):
        formatter.write_dl([row for row in rows if row[0] != "--name"])


def settings_of(team: str, settings: Sequence[str] | None, extra: Sequence[str]) -> list[str]:
    """Options for inputs, as settings. Raises `BadInput` for what is neither an option nor its value."""
    found = list(settings or ())
    if team:
        found.append(f"team={team}")
    rest = list(extra)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--") or word == "--":
            raise BadInput(f"unexpected argument {word!r}", hint="See --help")
        key, equals, value = word.removeprefix("--").partition("=")
        if not equals:
            if not rest:
                raise BadInput(f"option {word} needs a value", hint="See --help")
            value = rest.pop(0)
        found.append(f"{key}={value}")
    return found
