"""Writes the references in `docs/reference/` from the code; with `--check`, names those that are stale.

What the code cannot say of itself, such as what a field of an event is for, is in `words.toml`; it must name exactly
what the code has. The examples of events in `reference/events.ndjson` are lines of real runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

import typer

from platformctl import config, errors, golden_path, journal, recipe
from platformctl.cli import COMMANDS, app, boundary
from platformctl.comparison.rules import Level, Rule
from platformctl.engine import saved
from platformctl.events import SCHEMA, Event, Type
from platformctl.model import Change, Plan, Step
from platformctl.notices import DAYS
from platformctl.renderers.text import FILTERS
from platformctl.schemas import schema

REFERENCE: Final = Path(__file__).parent / "reference"
WORDS: Final = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
HEAD: Final = "<!-- Written by docs/generate.py. To change it, change the code and run `make docs`. -->"

Lines = Iterator[str]
Row = Sequence[object]

SAMPLE: Final = 'Ben\'s "50 %" of ${all} *sums*'


def block(*parts: str) -> Lines:
    """Paragraphs, headings and fences, with an empty line after each."""
    for part in parts:
        yield from (part, "")


def table(*head: str, rows: Iterable[Row]) -> Lines:
    """A Markdown table; nothing where there are no rows."""
    written = [" | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) for row in rows]
    if written:
        yield from (f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {row} |" for row in written), "")


def words(head: str, about: str, known: Iterable[object]) -> Lines:
    """A table of words about what the code has, and about nothing else."""
    told = WORDS[about]
    if wrong := {*told} ^ {str(name) for name in known}:
        raise SystemExit(
            f"docs/words.toml, [{about}]: these are there or in the code, and not in both: {sorted(wrong)}"
        )
    yield from table(head, "Meaning", rows=((code(name), text) for name, text in told.items()))


def fields(of: Mapping[str, Any], prefix: str = "") -> Iterator[Row]:
    """Everything that a JSON Schema of an object allows, one row a field."""
    for name, part in of.get("properties", {}).items():
        default = code(json.dumps(part["default"])) if part.get("default") not in (None, "", [], {}) else ""
        required = "required" if name in of.get("required", ()) and "default" not in part else ""
        yield code(prefix + name), accepts(part), required or default, part.get("description", "")
        yield from fields(part, f"{prefix}{name}.")
        yield from fields(part.get("items", {}), f"{prefix}{name}[].")
        if isinstance(by_name := part.get("additionalProperties"), Mapping):
            yield from fields(by_name, f"{prefix}{name}.*.")


FIELDS_HEAD: Final = ("Field", "Value", "Default", "Meaning")


def accepts(part: Mapping[str, Any]) -> str:
    if values := part.get("enum", [part["const"]] if "const" in part else []):
        return ", ".join(map(code, values))
    kind = f"list of {kinds(part['items'], 'value', 's')}" if "items" in part else kinds(part, "any")
    bounds = [f"{word} {part[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in part]
    return " ".join([kind, *bounds])


def kinds(part: Mapping[str, Any], default: str, ending: str = "") -> str:
    """The type, or types, that a JSON Schema allows."""
    kind = part.get("type", default)
    return " or ".join(f"{one}{ending}" for one in ([kind] if isinstance(kind, str) else kind))


def code(value: object) -> str:
    return f"`{value}`"


def cli() -> Lines:
    root = typer.main.get_command(app)
    yield from block("# Commands", paragraphs(root))
    yield from block("Every command takes `-h` and `--help`. How commands end: [exit codes](exit-codes.md).")
    yield from table("Option", "Meaning", rows=options(root.params))
    yield from table("Command", "", rows=((f"[{name}](#platformctl-{name})", text) for name, text in COMMANDS.items()))
    for name in COMMANDS:
        yield from command(f"platformctl {name}", root.get_command(None, name))
    yield from block("## Environment variables")
    yield from words("Variable", "environment", WORDS["environment"])


def command(name: str, about: Any) -> Lines:
    """One command, or a group with its commands."""
    yield from block(f"## {name}", paragraphs(about))
    if inner := getattr(about, "commands", {}):
        for sub in inner:
            yield from command(f"{name} {sub}", inner[sub])
        return
    arguments = [param for param in about.params if param.param_type_name == "argument"]
    usage = " ".join([name, "[OPTIONS]", *(str(argument.metavar) for argument in arguments)])
    yield from block(f"```\n{usage}\n```")
    yield from table("Argument", "Meaning", rows=((code(given.metavar), given.help) for given in arguments))
    yield from table("Option", "Meaning", rows=(row for row in options(about.params) if "completion" not in row[0]))
    if about.context_settings.get("allow_extra_args"):
        yield from block("Each input of the golden path is an option too: see [golden paths](golden-paths.md).")
    yield from block(f"Example: `{about.epilog.removeprefix('Example: ')}`")


def options(params: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for param in params:
        if param.param_type_name == "option":
            value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
            default = f" Default: {param.default}." if param.default not in (None, "", False) else ""
            yield code(f"{', '.join(param.opts)}{value}"), f"{param.help}{default}"


def paragraphs(about: Any) -> str:
    return "\n\n".join(" ".join(part.split()) for part in about.help.split("\n\n"))


def recipes() -> Lines:
    yield from block("# Recipes", "The formats. How to write one: [write a golden path](../how-to/write-a-path.md).")
    formats = {"path.yaml": "path", "recipe.yaml": "recipe", "tests/grid.yaml": "grid", "released.yaml": "released"}
    for title, name in formats.items():
        yield from block(f"## {title}", schema(name)["description"])
        yield from table(*FIELDS_HEAD, rows=fields(schema(name)))
    yield from block("## References", "Names, and no language. Alone in a text, a reference keeps its type.")
    yield from table("Reference", "Value", rows=references())
    yield from block("## Actions")
    for name, action in actions().items():
        pure = hasattr(action, "render")
        kind = "A renderer." if pure else f"A resource, through the port `{action.PORT}`."
        about = sys.modules[action.__module__].__doc__.splitlines()[0].partition("`: ")[2]
        yield from block(f"### {name}", f"{about[0].upper()}{about[1:]} {kind}")
        yield from table("Input", *FIELDS_HEAD[1:], rows=fields(action.INPUTS))
        outputs = {"files": {"description": "The rendered files."}} if pure else action.OUTPUTS["properties"]
        yield from table("Output", "Meaning", rows=((code(key), part["description"]) for key, part in outputs.items()))
    yield from block(
        "## Filters", "Each writes a text into another language so that it comes out as exactly that text."
    )
    shown = ((code(f"{{{{ cookiecutter.NAME | {name} }}}}"), code(use(SAMPLE))) for name, use in FILTERS.items())
    yield from table("In a template", f"What becomes of {code(SAMPLE)}", rows=shown)


def references() -> Iterator[Row]:
    yield code("${{ inputs.NAME }}"), "An answer; `${{ inputs }}` is all of them."
    yield code("${{ steps.ID.outputs.NAME }}"), "An output of another step, which then comes first."
    for name in recipe.FACTS:
        yield code(f"${{{{ recipe.{name} }}}}"), f"The golden path's {'name' if name == 'path' else name}."
    for name, text in config.FACTS.items():
        yield code(f"${{{{ platform.{name} }}}}"), text


def actions() -> dict[str, Any]:
    """The actions that ship, by name."""
    points = sorted(entry_points(group="platformctl.actions"), key=lambda point: point.name)
    return {point.name: point.load() for point in points if point.value.startswith("platformctl.")}


def path_changes() -> Lines:
    yield from block("# What a change of a golden path is")
    yield from block(
        "`platformctl path diff` says of each change by which of these rules it is breaking, a feature or a fix. "
        "`platformctl path release` refuses a version whose number is too small for what has changed since the one "
        "that was released before it. How to: "
        "[bring out another version](../how-to/write-a-path.md#9-bring-out-another-version).",
        f"What is breaking also has to be announced at least {DAYS} days before, under `deprecations` in `path.yaml`, "
        "and needs a migration.",
    )
    for level in Level:
        yield from block(f"## {level.value.capitalize()}", f"It asks for a {level.asks_for.value} version.")
        rules = ((code(rule.id), rule.about) for rule in Rule if rule.level is level)
        yield from table("Rule", "Meaning", rows=rules)


def migrations() -> Lines:
    whole = schema("migration")
    yield from block("# migration.yaml", whole["description"])
    yield from block("How to write one: [a migration](../how-to/write-a-path.md#a-migration).")
    yield from table(*FIELDS_HEAD, rows=(row for row in fields(whole) if "[]." not in str(row[0])))
    for name, part in whole["properties"]["operations"]["items"]["properties"].items():
        yield from block(f"## {name}", part["description"])
        yield from table(*FIELDS_HEAD, rows=fields(part))


def platform() -> Lines:
    yield from block("# platform.yaml", schema("platform")["description"])
    yield from block("How to make one: [prepare an organisation](../how-to/prepare-an-organisation.md).")
    yield from table(*FIELDS_HEAD, rows=fields(schema("platform")))


def events() -> Lines:
    yield from block("# Events, journals and saved plans", "## Events")
    yield from block("`--json` writes one JSON object a line on standard output. The first names the schema's version.")
    yield from block(example("schema"), f"The version is now {SCHEMA}. Ignore types and fields that you do not know.")
    yield from words("Field", "event", Event.__annotations__)
    yield from block("Fields that are empty are left out.")
    yield from words("Type", "types", Type)
    yield from block("A command that failed ends with a line of the type `error`. Examples, from real runs:")
    yield from block(*filter(None, map(example, [*Type, "error"])))
    yield from block("## Changes")
    yield from words("Field", "change", Change.__annotations__)
    yield from block("## Journals", "A run's events in `runs/RUN.ndjson`, in the home folder; these types:")
    yield from block(", ".join(map(code, sorted(journal._KEPT | journal._MEASURED))) + ".")
    yield from block("A campaign's events in `campaigns/CAMPAIGN.ndjson`; these types:")
    yield from block(", ".join(map(code, sorted(journal._OF_CAMPAIGNS))) + ".")
    yield from block("## Saved plans", "What `plan -o FILE` writes, as JSON. It holds no file contents.")
    yield from words("Field", "saved", saved.to_json(Plan("", "", "", {}, ()), ""))


def example(type_: str) -> str:
    """A recorded line of this type, if there is one; it must read as today's code reads it."""
    for line in (REFERENCE / "events.ndjson").read_text(encoding="utf-8").splitlines():
        form = json.loads(line)
        if form["type"] == type_:
            if type_ in [*Type] and json.loads(json.dumps(Event.from_json(form).to_json())) != form:
                raise SystemExit(f"docs/reference/events.ndjson: record {type_} anew; its fields have changed")
            return f"```json\n{line}\n```"
    return ""


def exit_codes() -> Lines:
    kinds = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, errors.Failure)]
    yield from block("# Exit codes")
    codes = {0, 3, boundary.BUG, boundary.INTERRUPTED, *(kind.exit_code for kind in kinds)}
    yield from words("Code", "codes", codes)
    yield from block("A failure is one line on standard error: what failed, where, and what to do next.")
    yield from block("## Failures", "The cause says who can mend it. One failure may name another cause than its kind.")
    rows = ((code(kind.__name__), kind.exit_code, code(kind.cause), kind.__doc__.splitlines()[0]) for kind in kinds)
    yield from table("Failure", "Code", "Cause", "Meaning", rows=rows)


def version_folder(name: str, version: str) -> Path:
    return golden_path.find([golden_path.shipped()], name).version_folder(version)


def golden_paths() -> Lines:
    yield from block("# Golden paths", "Those that ship. `platformctl path list` names those that a platform offers.")
    for path in golden_path.find_all([golden_path.shipped()]).values():
        internal = " It is not offered to developers." if path.internal else ""
        yield from block(f"## {path.name}", f"{path.title}.{internal}")
        yield from block(f"Owner: {path.owner}. Lifecycle: {path.lifecycle}. Support: {path.support}.")
        for version in reversed(path.versions):
            made = recipe.load(path.folder / version, lambda name: actions()[name], config.FACTS, version_folder)
            release = path.releases.get(version)
            since = f"Released on {release.day}." if release else "Not released."
            yield from block(f"### {path.name} {version}", since)
            yield from table("Input", *FIELDS_HEAD[1:], rows=fields(made.inputs))
            yield from table("Plane", "Step", "Action", "Comes after", "If", rows=map(step, made.steps))


def step(one: Step) -> Row:
    return one.plane, code(one.id), code(one.uses), ", ".join(map(code, one.needs)), one.when and code(one.when)


PAGES: Final[Mapping[str, Callable[[], Lines]]] = {
    "cli": cli,
    "recipe": recipes,
    "path-changes": path_changes,
    "migration": migrations,
    "platform": platform,
    "events": events,
    "exit-codes": exit_codes,
    "golden-paths": golden_paths,
}


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Write the references in docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a file is stale")
    check = parser.parse_args(arguments).check
    stale = 0
    for name, lines in PAGES.items():
        file = REFERENCE / f"{name}.md"
        text = "\n".join([HEAD, "", *lines()]).rstrip() + "\n"
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        said = "is stale: run `make docs`" if check else "written"
        sys.stdout.write(f"docs/reference/{file.name} {said}\n")
        if not check:
            file.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
