"""The inputs of a golden path as options: `--tier batch` is `--set tier=batch`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from typer.core import TyperCommand

from platformctl.errors import BadInput
from platformctl.inputs import Schema, leaves

_ARGUMENTS: Final = "platformctl.arguments"


class WithInputs(TyperCommand):
    """A command whose first argument is a golden path; it takes the path's inputs as options and shows them in help."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Turn options that are inputs into `--set`, wherever they stand."""
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, self._with_settings(args))

    def _with_settings(self, args: Sequence[str]) -> list[str]:
        own = {name for option in self.params for name in option.opts}
        named = [word.partition("=")[0] for word in args if word.startswith("--") and word != "--"]
        if own.issuperset(named) or not (path := self._path(args)):
            return list(args)
        inputs = {f"--{name.replace('_', '-')}" for name, _ in leaves(_inputs(path))}
        rest = list(args)
        done: list[str] = []
        while rest:
            word = rest.pop(0)
            option, equals, value = word.partition("=")
            if option.replace("_", "-") not in inputs or option in own:
                done.append(word)
                continue
            if not equals and not rest:
                raise BadInput(f"option {option} needs a value")
            done += ["--set", f"{option.removeprefix('--')}={value if equals else rest.pop(0)}"]
        return done

    def _path(self, args: Sequence[str]) -> str:
        """The first argument that is neither an option of this command nor the value of one."""
        valued = {name for option in self.params if not getattr(option, "is_flag", False) for name in option.opts}
        before = ""
        for word in args:
            if not word.startswith("-") and before not in valued:
                return word
            before = word
        return ""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The inputs of the path, then the example."""
        if path := self._path(ctx.meta.get(_ARGUMENTS, ())):
            rows = list(_rows(_inputs(path)))
            if rows:
                with formatter.section(f"Inputs of {path}"):
                    formatter.write_dl(rows)
        super().format_epilog(ctx, formatter)


def _inputs(path: str) -> Schema:
    """The inputs of the newest version, none when it cannot be read: the command says so itself."""
    from platformctl.commands.session import Session
    from platformctl.errors import Failure

    try:
        return Session.open((), "help").wiring.recipe(path).inputs
    except Failure:
        return {}


def _rows(inputs: Schema) -> Iterator[tuple[str, str]]:
    for name, part in leaves(inputs):
        accepts = f" ({' | '.join(map(str, part['enum']))})" if "enum" in part else ""
        if name != "name":
            yield f"--{name.replace('_', '-')}", f"{part.get('description', '')}{accepts}"


def settings_of(team: str, settings: Sequence[str] | None) -> list[str]:
    """All answers that were given as options, as settings."""
    return [*(settings or ()), *([f"team={team}"] if team else ())]
