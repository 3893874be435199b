"""Filters write text from people into other languages so that it comes out as exactly that text.

Whether they do is not argued here but asked: every text goes through the real parser of its language and back.
"""

from __future__ import annotations

import ast
import json
import random
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from markdown_it import MarkdownIt

from platformctl.document import Document
from platformctl.renderers.text import FILTERS
from tests.hcl import evaluate

SEED: Final = 20261123

KNOWN: Final[Mapping[str, str]] = {
    "empty": "",
    "plain": "Takes payments",
    "space around": "  x  ",
    "double quotes": 'a "b" """ c',
    "single quotes": "a 'b' ''' c",
    "backslashes": "\\ \\n \\u0041 \\\\ \\",
    "newlines": "a\nb\r\nc\rd\n\n---\n# e\n",
    "tab": "a\tb",
    "actions": "${{ github.token }} ${{ 7*7 }}",
    "jinja": "{{ 7*7 }} {% raw %} {# x #} {{ ''.__class__ }}",
    "shell": "$(id) `id` $HOME ${HOME} ; id & id | id > x",
    "terraform": "${path.module} %{ if true }x%{ endif } $${a} $$${b} %%{c} $ % $$ %% ${",
    "html": "</script><script>alert(1)</script> &amp; &#36;",
    "markdown": "# a *b* _c_ [d](javascript:e) ![f](g) ~~h~~ | i | <j> 1. k - l + m `n` ``o``",
    "yaml": "!!python/object/apply:os.system [id] *a &b ? : - , {c: d} @e %f yes null ~ 1e3 0x1 2026-11-23 = <<",
    "python": '" + __import__("os").system("id") + " \\N{BULLET} {x!r} %s',
    "toml": "\"\"\"\n[x]\ny = 1 # '''",
    "comment": "a # b // c -- d /* e */ ; f",
    "emoji": "\U0001f600 \U0001f469\u200d\U0001f4bb \u2764\ufe0f",
    "scripts": "Übersetzung 日本語 العربية हिन्दी e\u0301",
    "spaces": "a\u00a0b\u2003c\u3000d\u200be",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei",
    "controls": "".join(map(chr, (*range(1, 8), 11, *range(14, 32), *range(127, 160)))),
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "direction": "a\u202eb\u2066c\u2069",
    "marks": "\ufeffa\ufeff",
    "astral": "\U0001fffe\U0010ffff\U0010fffd",
}
BACKSPACE: Final = {"backspace": "a\bb", "form feed": "a\fb"}
NO_CHARACTERS: Final = {"fffe": "a\ufffeb", "ffff": "a\uffffb"}

ALPHABETS: Final = [(0x20, 0x7E), (0x20, 0x7E), (0x01, 0x7F), (0x80, 0xFF), (0x2000, 0x206F), (0x400, 0x4FF)]
ALPHABETS_BEYOND: Final = [
    (0xD7F0, 0xD7FF),
    (0xE000, 0xE010),
    (0xFE00, 0xFFFD),
    (0x1F300, 0x1F6FF),
    (0x10FFF0, 0x10FFFF),
]
SYNTAX: Final = (
    "${{ ",
    " }}",
    "{{",
    "{%",
    "$(",
    "`",
    "%{",
    "${",
    "\\",
    '"',
    "'",
    '"""',
    "</",
    "#",
    "\n",
    "\u2028",
    "$$",
)


def unicode_text(random: random.Random) -> str:
    """A text that nobody would write: any characters, with syntax of every language in between."""
    parts = []
    for _ in range(random.randint(1, 24)):
        if random.random() < 0.4:
            parts.append(random.choice(SYNTAX))
        else:
            parts.append(chr(random.randint(*random.choice(ALPHABETS + ALPHABETS_BEYOND))))
    return "".join(parts)


def random_texts() -> list[str]:
    """300 texts, the same in every run."""
    seeded = random.Random(SEED)
    return [unicode_text(seeded) for _ in range(300)]


TEXTS: Final = [*KNOWN.values(), *random_texts()]

READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "json": json.loads,
    "yaml": yaml.safe_load,
    "toml": lambda text: tomllib.loads(f"value = {text}")["value"],
    "python": ast.literal_eval,
}


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("name", [*KNOWN, *BACKSPACE])
def test_known_texts_come_back(language: str, name: str) -> None:
    text = {**KNOWN, **BACKSPACE}[name]
    assert READERS[language](FILTERS[language](text)) == text


@pytest.mark.parametrize("language", READERS)
def test_random_texts_come_back(language: str) -> None:
    wrong = [text for text in random_texts() if READERS[language](FILTERS[language](text)) != text]
    assert not wrong, f"{len(wrong)}, first {wrong[0]!a}"


@pytest.mark.parametrize("language", ["json", "toml", "python"])
@pytest.mark.parametrize("text", NO_CHARACTERS.values(), ids=NO_CHARACTERS)
def test_code_points_that_are_no_characters_come_back(language: str, text: str) -> None:
    assert READERS[language](FILTERS[language](text)) == text


@pytest.mark.parametrize("text", NO_CHARACTERS.values(), ids=NO_CHARACTERS)
def test_code_points_that_are_no_characters_come_back_from_yaml(text: str) -> None:
    assert yaml.safe_load(FILTERS["yaml"](text)) == text


@pytest.mark.parametrize("language", ["json", "yaml", "toml", "python"])
def test_nul_comes_back(language: str) -> None:
    assert READERS[language](FILTERS[language]("a\0b")) == "a\0b"


def test_platformctl_reads_its_own_yaml() -> None:
    """By libyaml, which is not the parser of the other test, and inside of a document."""
    lines = "".join(f"t{number}: {FILTERS['yaml'](text)} # end\n" for number, text in enumerate(TEXTS))
    assert list(Document(lines, "x").data.values()) == TEXTS


@pytest.mark.parametrize("language", ["json", "yaml", "toml", "python", "hcl"])
def test_quoted_texts_stay_on_their_line(language: str) -> None:
    """For every idea of a line: a comment that follows cannot be left, an indentation cannot be faked."""
    for text in TEXTS:
        quoted = FILTERS[language](text)
        assert len(quoted.splitlines()) == 1, ascii(text)
        assert quoted[0] == quoted[-1] == '"'


def test_a_shell_gets_exactly_one_word() -> None:
    """All in one script, which also says that no word runs into the next; NUL cannot be in an argument at all."""
    script = "printf '%s\\0' " + " ".join(FILTERS["shell"](text) for text in TEXTS)
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == TEXTS
    assert done.stderr == b""


def folded(text: str) -> str:
    """What a text is on one line: words of what can be printed."""
    printable = (" " if 0x7F <= ord(char) <= 0x9F or char in "\u2028\u2029\ufeff" else char for char in text)
    return " ".join("".join(" " if ord(char) < 32 else char for char in printable).split())


def test_a_line_is_one_line() -> None:
    assert [FILTERS["line"](text) for text in TEXTS] == [folded(text) for text in TEXTS]


def markdown(text: str, frame: str) -> tuple[list[str], str]:
    """The inline elements and the text that a Markdown parser finds where a filtered text stands in its frame."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    inline = [token for token in parser.parse(frame.format(FILTERS["markdown"](text))) if token.type == "inline"]
    found = [child for token in inline for child in token.children or ()]
    elements = [child.type for child in found if child.type not in ("text", "text_special")]
    return elements, "".join(child.content for child in found)


FRAMES: Final = {
    "sentence": ("**What:** {}\n", ["strong_open", "strong_close"], "What: ", ""),
    "item": ("1. On call: {}\n", [], "On call: ", ""),
    "bracket": ("It is {} (`@a/b`)\n", ["code_inline"], "It is ", " (@a/b)"),
    "cell": ("| a | b |\n|---|---|\n| {} | c |\n", [], "ab", "c"),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_markdown_finds_no_markup_in_it(frame: str) -> None:
    """Neither markup nor HTML, links or entities; and what is read is the text itself, folded."""
    around, elements, before, after = FRAMES[frame]
    for text in [*TEXTS, *BACKSPACE.values()]:
        found, content = markdown(text, around)
        assert found == elements, ascii(text)
        assert content.strip() == f"{before}{folded(text)}{after}".strip(), ascii(text)


def hcl_values(folder: Path, expressions: list[str]) -> list[str]:
    """What Terraform makes of expressions."""
    (folder / "main.tf").write_text("locals {\n  texts = [\n" + ",\n".join(expressions) + "\n]\n}\n", encoding="utf-8")
    values: list[str] = evaluate(folder, "local.texts")
    return values


def normal(texts: list[str]) -> list[str]:
    """Terraform brings every string to Unicode's form NFC."""
    from unicodedata import normalize

    return [normalize("NFC", text) for text in texts]


def test_terraform_finds_no_template_in_it(tmp_path: Path) -> None:
    texts = [text for text in TEXTS if not {"\b", "\f"} & set(text)]
    assert len(texts) > 250
    assert hcl_values(tmp_path, [FILTERS["hcl"](text) for text in texts]) == normal(texts)


@pytest.mark.parametrize("text", BACKSPACE.values(), ids=BACKSPACE)
def test_terraform_gets_backspace_and_form_feed(text: str, tmp_path: Path) -> None:
    assert hcl_values(tmp_path, [FILTERS["hcl"](text)]) == [text]


@pytest.mark.parametrize("value", [7, 99.9, True, None, ["a"]], ids=repr)
@pytest.mark.parametrize("language", ["json", "yaml", "toml", "python"])
def test_what_is_no_text_becomes_one(language: str, value: object) -> None:
    """A description that YAML read as a number is written as what it looks like."""
    assert READERS[language](FILTERS[language](value)) == str(value)
