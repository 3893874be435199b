"""Golden paths, and what was found out about them, as lines of styled spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from platformctl.commands.path_lint import Problem
from platformctl.commands.path_release import Releasing
from platformctl.commands.path_test import Check
from platformctl.comparison.rules import Level
from platformctl.comparison.versions import Comparison
from platformctl.golden_path import GoldenPath
from platformctl.inputs import leaves
from platformctl.recipe import Recipe
from platformctl.released import Release
from platformctl.reporters.lines import Line

_STYLES: Final[Mapping[Level, str]] = {Level.BREAKING: "bad", Level.FEATURE: "good", Level.FIX: "change"}
_WIDEST: Final = 48
"""Characters that are kept free for what a change is about."""


def path_lines(paths: Sequence[GoldenPath], today: date) -> Iterator[Line]:
    """A table of golden paths, with what is said of their versions."""
    for path in paths:
        yield [
            ("strong", f"{path.name:<12}"),
            ("", f"  {path.latest:<8}"),
            ("quiet", f"  {path.lifecycle:<12}  "),
            ("", path.title),
        ]
        yield from _notice_lines(path, today, " " * 12)


def path_detail_lines(path: GoldenPath, recipe: Recipe, today: date) -> Iterator[Line]:
    """One golden path: what it asks and what it makes so, what goes and what is planned."""
    yield [("strong", f"{path.name} {recipe.version}"), ("quiet", f"  {path.lifecycle}")]
    yield [("", f"  {path.title}")]
    yield [("quiet", f"  owner {path.owner}; {path.support}")]
    yield [("quiet", f"  versions {', '.join(_version(path, version) for version in path.versions)}")]
    yield from _notice_lines(path, today, "")
    for one in path.deprecations:
        instead = f"; instead: {one.instead}" if one.instead else ""
        yield [("change", f"  {one.what} {one.end(today)}: "), ("", f"{one.reason}{instead}")]
    for planned in path.roadmap:
        yield [("quiet", f"  planned for {planned.when}: {planned.title}")]
    yield []
    yield [("strong", "Inputs")]
    yield from input_lines(recipe)
    yield []
    yield [("strong", "Steps")]
    width = max(len(step.id) for step in recipe.steps)
    for step in recipe.steps:
        yield [("quiet", f"  {step.plane.value:<10}  "), ("", f"{step.id:<{width}}  "), ("quiet", step.uses)]


def _version(path: GoldenPath, version: str) -> str:
    if version in path.releases:
        return f"{version} ({path.releases[version].day})"
    return f"{version} (draft)" if path.releases else version


def _notice_lines(path: GoldenPath, today: date, indent: str) -> Iterator[Line]:
    for version, notice in path.notices.items():
        style = "bad" if notice.refused(today) else "change"
        yield [(style, f"{indent}  {notice.said(f'{path.name} {version}', today)}")]


def input_lines(recipe: Recipe) -> Iterator[Line]:
    """The inputs of a recipe, with what they accept."""
    required = recipe.inputs.get("required", ())
    for name, part in leaves(recipe.inputs):
        accepts = " | ".join(map(str, part["enum"])) if "enum" in part else part.get("type", "")
        default = f" [{_plain(part['default'])}]" if part.get("default") not in (None, "", [], {}) else ""
        mark = " (required)" if name in required and "default" not in part else ""
        yield [
            ("", f"  {name:<22}"),
            ("", part.get("description", "")),
            ("quiet", f"  {accepts}{default}{mark}"),
        ]


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def problem_lines(checked: Sequence[str], problems: Sequence[Problem]) -> Iterator[Line]:
    """What lint has found."""
    yield from ([("bad", f"{problem.where}: "), ("", problem.what)] for problem in problems)
    if not problems:
        yield [("good", "✓ "), ("", ", ".join(checked))]


def comparison_lines(found: Comparison) -> Iterator[Line]:
    """What has changed from one version to a later one."""
    asks = f"asks for a {found.level.asks_for.value} version" if found.level else "nothing has changed"
    compared = f"  files compared in {found.cases} case{'' if found.cases == 1 else 's'}" if found.cases else ""
    yield [("strong", f"{found.path} {found.before} → {found.after}"), ("", f"  {asks}"), ("quiet", compared)]
    width = min(_WIDEST, max((len(change.target) for change in found.changes), default=0))
    for level in Level:
        if changes := found.of(level):
            yield []
            yield [("strong", level.value)]
        for change in changes:
            yield [
                (_STYLES[level], f"  {change.rule.sign} "),
                ("", f"{change.target:<{width}}  "),
                ("quiet", f"{change.rule.id}{': ' if change.how else ''}"),
                ("", change.how),
            ]
    if found.notes:
        yield []
        yield from ([("quiet", f"  note: {note}")] for note in found.notes)


def check_lines(check: Check) -> Iterator[Line]:
    """One thing that was checked."""
    style, sign = ("bad", "✗") if check.problems else ("good", "✓")
    yield [(style, f"{sign} "), ("", check.what)]
    yield from ([("bad", f"    {problem}")] for problem in check.problems)
    yield from ([("quiet", f"    note: {note}")] for note in check.notes)


def release_lines(releasing: Releasing, release: Release | None, failed: int, *, dry: bool) -> Iterator[Line]:
    """How a release ended; `release` is what was written, or would be."""
    name = f"{releasing.path.name} {releasing.version}"
    yield []
    if failed:
        yield [("bad", f"{name} is not released: {failed} of the checks {'does' if failed == 1 else 'do'} not hold")]
    elif release is None:
        was = releasing.done
        yield [("good", "✓ "), ("strong", name), ("", f" was released on {was.day if was else ''}, and is what it was")]
    else:
        words = "would be released" if dry else "is released"
        yield [("good", "✓ "), ("strong", name), ("", f" {words}, as of {release.day}: it never changes from now on")]
        yield [("quiet", f"  {releasing.file}")]
        yield [("quiet", f"    {releasing.version}: sha256 {release.sha256}")]
        yield from ([("quiet", f"    extends {base}: sha256 {sha256}")] for base, sha256 in release.extends.items())
        yield from ([("quiet", f"    publishes {part}: sha256 {sha256}")] for part, sha256 in release.publishes.items())
