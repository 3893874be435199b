"""The command line: a table of commands, loaded when they are called, and the one place where errors end.

`platformctl doctor` is `cli/doctor.py` for its flags and `commands/doctor.py` for what it does.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from platformctl.cli import parameters
from platformctl.cli.boundary import guarded
from platformctl.errors import BadInput

COMMANDS: Final = {
    "new": "Create a service on a golden path.",
    "plan": "Show, or save, what `new` would do.",
    "apply": "Carry out a saved plan, exactly.",
    "configure": "Change a service's answers.",
    "upgrade": "Bring a service, or all of them, to a later version of its golden path.",
    "campaign": "Look at how many services come to another version, and let that pause or go on.",
    "adopt": "Take an existing repository onto a golden path.",
    "doctor": "See whether the world still is as it should be.",
    "override": "Deviate from a golden path on purpose, with a reason and an end.",
    "deviations": "See who deviates from which default, and which should change.",
    "prove": "Show that a service is observable, by running it and breaking it.",
    "up": "Run a service on this machine, with its monitoring.",
    "down": "End what `up` has started.",
    "resume": "Finish a run that did not end.",
    "undo": "Take back what a run did.",
    "runs": "Look at past runs.",
    "catalog": "See what there is, who owns it and what depends on it.",
    "path": "Look at golden paths; begin, check, compare, test and release them.",
    "roadmap": "See which versions of golden paths there are, what goes and what comes.",
    "actions": "Look at actions, and test your own.",
    "init": "Prepare an organisation.",
}
"""Every command with its short help; the module of the same name has the rest."""


class Commands(TyperGroup):
    """Knows the commands' names without loading them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        loaded = typer.main.get_command(import_module(f"platformctl.cli.{cmd_name}").app)
        loaded.name = cmd_name
        return loaded

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that was typed. Raises `BadInput` with the one that may have been meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There is {', '.join(COMMANDS)}"
            raise BadInput(f"there is no command {args[0]!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete names from the table."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        item = import_module("typer._click.shell_completion").CompletionItem
        return [item(name, help=about) for name, about in COMMANDS.items() if name.startswith(incomplete)]


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: platformctl new service payments-api --team payments",
)


@app.callback()
def platformctl(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version and exit.")] = False,
) -> None:
    """Golden paths from the terminal: from an idea to a running, observable service."""
    if version:
        from platformctl import __version__

        typer.echo(f"platformctl {__version__}")
        raise typer.Exit


def run() -> int:
    """Run the command line and give the exit code. CI's SIGTERM stops as cleanly as Ctrl-C."""
    parameters.use()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return guarded(lambda: app(prog_name="platformctl"), as_json="--json" in sys.argv)
