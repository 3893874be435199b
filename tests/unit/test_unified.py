"""Texts as unified diffs: what `patch` takes, and never longer than people read."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from platformctl.unified import diff


def test_the_same_text_gives_nothing() -> None:
    assert diff("a\n", "a\n", "x") == diff("", "", "x") == ""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\n", "a\nc\n", " a\n-b\n+c\n"),
        ("", "a\n", "+a\n"),
        ("a\n", "", "-a\n"),
        ("a", "a\n", "-a\n\\ No newline at end of file\n+a\n"),
        ("a\rb\x0cc\u2028d\n", "a\rb\x0cc\u2028e\n", "-a\rb\x0cc\u2028d\n+a\rb\x0cc\u2028e\n"),
    ],
    ids=["a line", "from nothing", "to nothing", "an end of line", "no ends of lines for git"],
)
def test_what_differs_is_shown_line_by_line(before: str, after: str, expected: str) -> None:
    head, _, rest = diff(before, after, "x").partition(" @@\n")
    assert head.startswith("--- a/x\n+++ b/x\n@@ -") and rest == expected


def test_patch_makes_one_of_the_other(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    for number in range(50):
        lines = [chance.choice("abcde ") * chance.randrange(4) for _ in range(30)]
        before, after = (
            "\n".join(line for line in lines if chance.random() > 0.2) + chance.choice(["", "\n"]) for _ in range(2)
        )
        (tmp_path / "x").write_text(before)
        command = ["git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"]
        if text := diff(before, after, "x"):
            subprocess.run(command, input=text, text=True, cwd=tmp_path, check=True)
        assert (tmp_path / "x").read_text() == after, number


def test_a_long_one_is_cut_and_says_so() -> None:
    text = diff("", "a\n" * 1000, "x")
    assert text.count("\n") == 121 and text.endswith("+a\n\\ and 883 more lines\n")
    assert diff("", "a" * 1000, "x").splitlines()[3] == "+" + "a" * 398 + "…"


def test_texts_that_are_too_long_are_not_compared() -> None:
    assert diff("a\n" * 100_000, "b\n" * 100_000, "x") == "\\ 200000 characters become 200000: too many to compare\n"


def test_a_name_takes_one_line() -> None:
    assert diff("", "a\n", "x\n+++ b/y\x1b").splitlines()[1] == "+++ b/'x\\n+++ b/y\\x1b'"
