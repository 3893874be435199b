"""Flags of `platformctl roadmap`."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import terminal
from platformctl.errors import BadInput

app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


class Format(StrEnum):
    """What a roadmap can be written as."""

    TABLE = "table"
    """Lines for people, and no file."""
    MARKDOWN = "markdown"
    HTML = "html"


@app.command(epilog="Example: platformctl roadmap --format html --output roadmap.html")
def roadmap(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One golden path; all that are offered.")] = "",
    report_format: Annotated[
        Format, typer.Option("--format", metavar="FORMAT", help="Show lines (table), or a page: markdown or html.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the page here; the lines are shown too."),
    ] = None,
    as_json: terminal.AsJson = False,
) -> None:
    """See which versions of golden paths there are, how long each is supported, what goes when, and what comes."""
    asked = report_format is not Format.TABLE
    if output and not asked:
        raise BadInput("which format?", hint="Give --format markdown or html")
    if asked and as_json and output is None:
        raise BadInput("--json and a page cannot both go to standard output", hint="Give --output FILE")
    if output and not output.absolute().parent.is_dir():
        raise BadInput(f"there is no folder {output.absolute().parent}", hint="Make it first")
    from platformctl.commands import roadmap as command
    from platformctl.home import write_out
    from platformctl.reporters.roadmap_lines import roadmap_lines

    with terminal.opened("roadmap", as_json) as (session, shown):
        found = command.roadmap(name, session)
        page = import_module(f"platformctl.reporters.roadmap_{report_format.value}").report(found) if asked else ""
        if asked and output is None:
            sys.stdout.write(page)
        else:
            shown.show(roadmap_lines(found))
        if output is not None:
            write_out(output, page.encode())
            shown.show([[("quiet", f"Wrote {output}")]])
        terminal.result(session, as_json, found.to_json())
