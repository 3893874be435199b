"""What a file has besides its lines survives a merge: line ends, marks, modes, bytes that are no text."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from platformctl.merge import Three, three_way

BASE = "one\ntwo\nthree\nfour\nfive\n"
OURS = BASE.replace("one", "ours")
THEIRS = BASE.replace("five", "theirs")
BOTH = OURS.replace("five", "theirs")


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def marked(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def unended(text: str) -> bytes:
    return text.removesuffix("\n").encode()


@pytest.mark.parametrize("form", [crlf, marked, unended])
@pytest.mark.parametrize("path", ["a.txt", "a.yaml"])
def test_what_one_side_made_of_the_form_is_kept(form: object, path: str) -> None:
    assert callable(form)
    before = {False: BASE.encode(), True: form(BASE)}
    for base, ours, theirs in product((False, True), repeat=3):
        expected = theirs if base == ours else ours
        merged = three_way(
            before[base],
            form(OURS) if ours else OURS.encode(),
            form(THEIRS) if theirs else THEIRS.encode(),
            path,
        )
        assert not merged.conflict
        assert merged.content == (form(BOTH) if expected else BOTH.encode())


def test_a_file_that_an_editor_gave_other_line_ends_conflicts_on_the_line_alone_that_both_changed() -> None:
    merged = three_way(BASE.encode(), crlf(OURS), BASE.replace("one", "new").replace("five", "six").encode())
    assert merged.conflict
    assert merged.content == crlf(
        "<<<<<<< the service\nours\n||||||| before\none\n=======\nnew\n>>>>>>> the golden path\ntwo\nthree\nfour\nsix\n"
    )


def test_mixed_line_ends_stay_as_they_are_to_the_byte() -> None:
    ours = BASE.replace("two\n", "two\r\nours\r\n").encode()
    assert three_way(BASE.encode(), ours, THEIRS.encode()).content == ours.replace(b"five", b"theirs")


def test_structure_survives_a_mark_and_other_line_ends() -> None:
    merged = three_way(b"a: 1\nb: 1\n", b"\xef\xbb\xbfa: 2\r\nb: 1\r\n", b"a: 1\nb: 2\n", "a.yaml")
    assert merged.content == b"\xef\xbb\xbfa: 2\r\nb: 2\r\n" and not merged.conflict


def test_text_that_is_not_utf_8_is_merged_by_lines() -> None:
    merged = three_way(b"a: \xe9\nb: 1\nc: 1\n", b"a: \xe8\nb: 1\nc: 1\n", b"a: \xe9\nb: 1\nc: 2\n", "a.yaml")
    assert merged.content == b"a: \xe8\nb: 1\nc: 2\n" and not merged.conflict


def test_a_binary_file_that_both_changed_stays_ours_and_has_no_markers() -> None:
    merged = three_way(b"\0one", b"\0ours", b"\0theirs", "logo.png")
    assert merged.content == b"\0ours" and merged.conflict and merged.binary


@pytest.mark.parametrize("theirs", [b"\0one", b"\0ours"])
def test_a_binary_file_that_one_side_changed_is_that(theirs: bytes) -> None:
    merged = three_way(b"\0one", b"\0ours", theirs)
    assert merged.content == b"\0ours" and not merged.conflict


def test_the_caller_says_what_stands_behind_the_markers() -> None:
    merged = three_way(b"a\n", b"b\n", b"c\n", labels=Three("service 1.0.0", "us", "service 1.1.0"))
    assert merged.content.splitlines()[::2] == [
        b"<<<<<<< us",
        b"||||||| service 1.0.0",
        b"=======",
        b">>>>>>> service 1.1.0",
    ]


def test_a_file_that_both_added_is_merged_where_its_structure_allows() -> None:
    assert three_way(b"", b"a: 1\nb: 1\n", b"b: 1\nc: 1\n", "a.yaml").content == b"a: 1\nb: 1\nc: 1\n"
    assert three_way(b"", b".venv/\n*.db\n", b".venv/\n.idea/\n", ".gitignore").content == b".venv/\n*.db\n.idea/\n"
    assert three_way(b"", b"a: 1\n", b"a: 2\n", "a.yaml").conflict
    assert three_way(b"", b"x = 1\n", b"y = 1\n", "a.py").conflict


@pytest.mark.parametrize("path", ["a.json", "a.yaml", "a.toml"])
def test_what_is_nested_too_deeply_is_merged_by_lines(path: str) -> None:
    deep = "[" * 3000 + "]" * 3000
    base = f"{deep}\n\nb\n\nc\n".encode() if path != "a.toml" else f"a = {deep}\n\nb = 1\n\nc = 1\n".encode()
    merged = three_way(base, base.replace(b"b", b"bb"), base.replace(b"c", b"cc"), path)
    assert merged.content == base.replace(b"b", b"bb").replace(b"c", b"cc") and not merged.conflict


def test_whatever_the_user_has_told_git_the_merge_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "attributes").write_text("* merge=union\n")
    (tmp_path / ".gitconfig").write_text(
        f"[core]\n\tattributesFile = {tmp_path / 'attributes'}\n"
        "[merge]\n\tdefault = union\n\tconflictStyle = merge\n[diff]\n\trenames = false\n"
    )
    probe = (
        "from platformctl.merge import merge_trees; from platformctl.model import File; "
        "code = b''.join(b'NAME_%d = %d\\n' % (number, number) for number in range(9)); "
        "merged = merge_trees("
        "{'a': File(b'a\\n'), 'b': File(code)}, {'a': File(b'b\\n'), 'b': File(code)}, "
        "{'a': File(b'c\\n'), 'c': File(code + b'NEW = 1\\n')}); "
        "print(merged.conflicts[0].path, merged.renames[0].after)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "a c\n"


def test_a_configuration_of_git_that_is_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[broken\n")
    probe = "from platformctl.merge import three_way; three_way(b'a', b'b', b'c')"
    done = subprocess.run(
        [sys.executable, "-c", probe], env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert "ToolFailed: git cannot merge" in done.stderr and f"{tmp_path}/.gitconfig:1" in done.stderr


def test_nothing_stays_behind_and_no_library_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    probe = (
        "import sys; from platformctl.merge import git, three_way; "
        f"git._MEMORY = {str(tmp_path)!r}; "
        "three_way(b'a', b'b', b'a', 'a.yaml'); "
        "print({'yaml', 'pygit2'} & {*sys.modules}, three_way(b'a', b'b', b'c', 'a.yaml').conflict)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "set() True\n"
    assert list(tmp_path.iterdir()) == []
