"""Edits of texts and of dashboards. Each fails where there is nothing to edit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.defects.defect import Edit

Part = Callable[[Any], object]
"""Edits a part of a dashboard in place."""


def swap(pattern: str, new: str | Callable[[re.Match[str]], str], count: int = 0) -> Edit:
    """Something else in place of what a pattern finds: the first `count` times, or everywhere."""

    def edit(text: str) -> str:
        edited, times = re.subn(pattern, new, text, count=count, flags=re.MULTILINE)
        assert times and edited != text, f"there is no {pattern}"
        return edited

    return edit


def inside(pattern: str, edit: Edit) -> Edit:
    """An edit of the first part that a pattern finds."""
    return swap(pattern, lambda found: edit(found[0]), 1)


def page(part: Part) -> Edit:
    """A dashboard of which something was edited."""

    def edit(text: str) -> str:
        whole = json.loads(text)
        part(whole)
        assert json.loads(text) != whole, "nothing was edited"
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"

    return edit


def panel(title: str, part: Part) -> Edit:
    """A dashboard one of whose panels was edited."""
    return page(lambda whole: part(next(one for one in whole["panels"] if one["title"] == title)))


def query(title: str, pattern: str, new: str, number: int = 0) -> Edit:
    """A dashboard one of whose queries was edited."""

    def part(found: Any) -> None:
        target = found["targets"][number]
        target["expr"] = swap(pattern, new)(target["expr"])

    return panel(title, part)


def variable(name: str, part: Part) -> Edit:
    """A dashboard one of whose variables was edited."""
    return page(lambda whole: part(next(one for one in whole["templating"]["list"] if one["name"] == name)))


def without_variable(name: str) -> Edit:
    """A dashboard that declares one variable less."""

    def part(whole: Any) -> None:
        listed = whole["templating"]["list"]
        listed.remove(next(one for one in listed if one["name"] == name))

    return page(part)


def renamed(name: str, new: str) -> Part:
    """A field under another name."""

    def part(found: Any) -> None:
        found[new] = found.pop(name)

    return part
