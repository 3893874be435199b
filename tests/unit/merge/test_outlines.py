"""Texts taken apart: the pieces are the text to the byte, and what cannot be told is not guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from platformctl.merge.formats import format_of
from platformctl.merge.value import Opaque

ROOT = Path(__file__).parents[3]
FILES = [
    ROOT / "pyproject.toml",
    ROOT / "docs/words.toml",
    *sorted(ROOT.glob("golden_paths/**/recipe.yaml")),
    *sorted(ROOT.glob("golden_paths/**/tests/*.*ml")),
    *sorted(ROOT.glob("golden_paths/**/*.json")),
    *sorted(ROOT.glob("golden_paths/workflows/*.yml")),
    *sorted(ROOT.glob("golden_paths/**/go.mod")),
    *sorted(ROOT.glob("golden_paths/**/go.sum")),
    *sorted(ROOT.glob("golden_paths/**/requirements.lock")),
    *sorted(ROOT.glob("golden_paths/**/.dockerignore")),
]

TEXTS = {
    "a.yaml": (
        "# head\n\n--- # document\n# about a\na: 1 # one\n\n\nb:\n# under b\n- x\n-\n-   y  # why\n# the end\n",
        "a: |+\n  text\n\n\nb: >-\n  folded\n  text\n\n# c\nc: |2\n    two\n",
        "a: {b: [1, 'two, three', {c: d}], \"e\": f} # g\nh: [\n  1, # one\n  # two\n  2\n]\n",
        "- - a\n  - b\n-\n  # c\n  - d\n- e: f\n  g:\n  - h\n# i\n",
        "a: &x !!str b\nc: *x\nd: &y\n  e: !t [f]\n  <<: *y\n",
        "a: plain\n  text\n  on lines\nb: 'q\n\n  r'\n\u00e9: \U0001f600 # c\nc:\n",
        "a: 1\n...\n---\nb: 2\n---\n- c\n",
        "[a: 1, b]\n",
    ),
    "a.json": ("{}\n", "[]\n", '{"a":[],"b" : {"c": "\\"}"}}\n', '[\n\t1,\n\t[2, 3], {"a.b": null}\n]\n\n'),
    "a.toml": (
        "\n# top\n\na = 1\n'b.c'.d = [1, [2, 3],]\n\n# about t\n[t] # t\n  x = {y = 1, z = \"}\"}\n",
        'a = """\n"quotes" # no comment\n""" # one\nb = \'\'\'x\'\'\'\nc = 1979-05-27 07:32:00\n',
        "[[a]]\nb = 1\n[[a.c]]\nd = 1\n[[a.c]]\nd = 2\n[a.e]\n[[a]]\n[[a.c]]\nd = 3\n",
        "a = [\n  # one\n  1, # 1\n\n  2 # 2\n  # end\n]\n",
    ),
    "requirements.txt": ("-r base.txt\n\n# web\nA_b[c] >= 1 ; python_version < '4' # why\n\n# end\n",),
    "go.mod": (
        "// x\nmodule x // y\n\ngo 1.26\n\nrequire a v1\n\n"
        "require (\n\t// c\n\tb v1 // indirect\n\n)\nreplace a => ../a\n",
    ),
    ".env": ('# x\nA=b # c\nexport D="e f"\n',),
}

OPAQUE = {
    "a.yaml": ("text\n", "a: 1\na: 2\n", "? [a]\n: b\n", "a: *b\n", "a: {{ x }}\n", "a: [\n", "\t- a\n"),
    "a.json": ("1\n", '{"a": 1, "a": 2}\n', '{"a": 1,}\n', "// x\n{}\n"),
    "a.toml": ("a\n", "a = 1\na = 2\n"),
    "requirements.txt": ("a==1\nA==2\n", "https://example.com/a.whl\n"),
    "go.mod": ("go 1.26\ngo 1.27\n", "require (\n\ta v1\n", "# x\n"),
    ".env": ('A="b\nc"\n', "A=1\nA=2\n"),
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_the_pieces_of_our_own_files_are_the_files(file: Path) -> None:
    form = format_of(file.name)
    text = file.read_text(encoding="utf-8")
    assert form is not None and form(text).outline().text == text


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in TEXTS.items() for text in texts])
def test_the_pieces_of_a_text_are_the_text(path: str, text: str) -> None:
    form = format_of(path)
    assert form is not None and form(text).outline().text == text


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in OPAQUE.items() for text in texts])
def test_what_cannot_be_told_is_not_guessed(path: str, text: str) -> None:
    form = format_of(path)
    assert form is not None
    with pytest.raises(Opaque):
        form(text).outline()
