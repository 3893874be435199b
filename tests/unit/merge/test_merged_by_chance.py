"""Invariants of merges, on documents and edits made by chance from fixed seeds."""

from __future__ import annotations

import json
import random
import tomllib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from platformctl.merge import merge_trees, three_way
from platformctl.model import File

from .documents import Chance, as_json, as_toml, as_yaml, edited

FORMS: dict[str, tuple[Callable[..., str], Callable[[str], Any]]] = {
    "a.yaml": (as_yaml, yaml.safe_load),
    "a.json": (as_json, json.loads),
    "a.toml": (as_toml, tomllib.loads),
}
SEEDS = range(60)


@pytest.mark.parametrize("path", FORMS)
def test_edits_of_different_things_are_all_there_and_nothing_else_is(path: str) -> None:
    write, read = FORMS[path]
    for seed in SEEDS:
        chance = Chance(seed)
        base = chance.document()
        taken: list[tuple[str, ...]] = []
        ours = chance.edits(base, "ours", 3, taken)
        theirs = chance.edits(base, "theirs", 3, taken)
        expected = edited(base, *ours, *theirs)
        layout = {"indent": chance.random.choice([2, 4])}
        texts = [write(side, **layout) for side in (base, edited(base, *ours), edited(base, *theirs))]
        merged = three_way(*(text.encode() for text in texts), path)
        text = merged.content.decode()
        assert not merged.conflict, f"seed {seed}\n{text}"
        assert unordered(read(text)) == unordered(expected.data), f"seed {seed}"
        if path != "a.json":
            assert remarks(text) == remarks(write(expected, **layout)), f"seed {seed}"
        lost = kept(texts[1], texts[0], texts[2]) - lines(text)
        assert not lost, f"seed {seed}: {lost}"


def unordered(value: Any) -> Any:
    """Lists that both sides added to may have either order."""
    if isinstance(value, dict):
        return {name: unordered(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=repr)
    return value


def remarks(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip().startswith("#"))


def lines(text: str) -> Counter[str]:
    """Lines but for the comma at their end, and without those that hold a whole list."""
    return Counter(line.rstrip(",") for line in text.splitlines() if line.strip() and "[" not in line)


def kept(ours: str, base: str, theirs: str) -> Counter[str]:
    """The lines of ours that a merge must have: those that theirs has not taken out or changed."""
    return lines(ours) - (lines(base) - lines(theirs))


@pytest.mark.parametrize("path", FORMS)
def test_a_conflict_marks_what_is_in_dispute_and_nothing_else(path: str) -> None:
    write, read = FORMS[path]
    for seed in SEEDS:
        chance = Chance(seed)
        base = chance.document()
        taken: list[tuple[str, ...]] = []
        clashes = [chance.clash(base, taken) for _ in range(2)]
        ours = [*chance.edits(base, "ours", 2, taken), *(pair[0] for pair in clashes if pair)]
        theirs = [*chance.edits(base, "theirs", 2, taken), *(pair[1] for pair in clashes if pair)]
        if not any(clashes):
            continue
        texts = [write(side).encode() for side in (base, edited(base, *ours), edited(base, *theirs))]
        merged = three_way(*texts, path)
        assert merged.conflict
        text = merged.content.decode()
        assert unordered(read(chosen(text, "ours"))) == unordered(edited(base, *theirs, *ours).data), f"seed {seed}"
        assert unordered(read(chosen(text, "theirs"))) == unordered(edited(base, *ours, *theirs).data), f"seed {seed}"
        marked = chosen(text, "ours").count("\n") - chosen(text, "none").count("\n")
        assert marked <= len(clashes), f"seed {seed}\n{text}"


def chosen(text: str, side: str) -> str:
    """A text with one side of each conflict, or with none."""
    kept, state = [], ""
    for line in text.splitlines(keepends=True):
        if line.startswith("<<<<<<< "):
            state = "ours"
        elif state == "ours" and line.startswith("|||||||"):
            state = "base"
        elif state == "base" and line == "=======\n":
            state = "theirs"
        elif state == "theirs" and line.startswith(">>>>>>> "):
            state = ""
        elif state in ("", side):
            kept.append(line)
    return "".join(kept)


BOM = b"\xef\xbb\xbf"
NAMES = ("a.py", "b/Makefile", "c.yaml", "d.toml", "e.json", "requirements.txt", ".gitignore", "go.mod")
FORMS_OF_LINES = (
    "def f{0}():\n",
    "    return {0}\n",
    "k{0}: {0}\n",
    "k{0} = {0}\n",
    "lib-{0}=={0}\n",
    "  - item {0} # {0}\n",
    "\n",
    "# remark {0}\n",
    '"k{0}": {0},\n',
)


def scrambled(chance: random.Random, lines: list[str], tag: str) -> list[str]:
    """Lines with some of them put in, taken out, moved and changed, whatever that makes of them."""
    result = list(lines)
    for number in range(chance.randint(0, 4)):
        at = chance.randrange(len(result) + 1)
        match chance.choice(["put in", "take out", "change", "move"]):
            case "put in":
                result.insert(at, chance.choice(FORMS_OF_LINES).format(f"{tag}{number}"))
            case "take out":
                del result[at : at + chance.randint(1, 3)]
            case "change" if at < len(result):
                result[at] = result[at].rstrip("\n") + f" {tag}{number}\n"
            case "move" if at < len(result):
                result.insert(chance.randrange(len(result)), result.pop(at))
    return result


def some_lines(chance: random.Random) -> list[str]:
    return [chance.choice(FORMS_OF_LINES).format(number) for number in range(chance.randint(1, 15))]


def test_whatever_a_text_is_no_line_of_the_team_is_lost_and_one_side_alone_is_taken_to_the_byte() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        path = chance.choice(NAMES)
        lines = some_lines(chance)
        form = chance.choice(["{}", "\ufeff{}"])
        base, ours, theirs = (
            form.format("".join(side)).replace("\n", chance.choice(["\n", "\n", "\r\n"])).encode()
            for side in (lines, scrambled(chance, lines, "ours"), scrambled(chance, lines, "theirs"))
        )
        assert three_way(base, ours, base, path).content == ours
        assert three_way(base, base, theirs, path).content == theirs
        assert three_way(base, ours, ours, path).content == ours
        merged = three_way(base, ours, theirs, path)
        assert merged == three_way(base, ours, theirs, path), f"seed {seed}"
        there = {*map(bytes.strip, merged.content.removeprefix(BOM).splitlines())}
        for side in (ours, theirs):
            changed = [line for line in side.removeprefix(BOM).splitlines() if b"ours" in line or b"theirs" in line]
            added = {*map(bytes.strip, changed)}
            assert added <= there, f"seed {seed}: {added - there}"


def test_whatever_trees_are_no_file_of_the_team_is_lost_and_none_comes_back() -> None:
    for seed in range(100):
        chance = random.Random(seed)
        base = {f"{chance.choice(['', 'a/', 'b/'])}{name}": some_lines(chance) * 2 for name in NAMES[:6]}
        ours, gone = changed_tree(chance, base, "ours")
        theirs, _ = changed_tree(chance, base, "theirs")
        own = {f"own/{number}.py": some_lines(chance) for number in range(3)}
        trees = [
            {path: File("".join(lines).encode()) for path, lines in side.items()}
            for side in (base, {**ours, **own}, theirs)
        ]
        merged = merge_trees(*trees)
        assert merged == merge_trees(*trees)
        assert not gone & {*merged.tree}, f"seed {seed}"
        for path in own:
            assert merged.tree[path] == trees[1][path]
        everything = b"\n".join(file.content for file in merged.tree.values())
        for lines in ours.values():
            for line in lines:
                assert "ours" not in line or line.strip().encode() in everything, f"seed {seed}: {line}"
        for path, file in trees[1].items():
            if merged.tree.get(path) != file:
                assert path in merged.fates or any(path == rename.before for rename in merged.renames), f"seed {seed}"


def changed_tree(chance: random.Random, base: dict[str, list[str]], tag: str) -> tuple[dict[str, list[str]], set[str]]:
    """A tree with some files edited, moved, added and deleted; and which are deleted."""
    tree, gone = {}, set()
    for path, lines in base.items():
        match chance.choice(["keep", "keep", "edit", "edit", "move", "delete"]):
            case "keep":
                tree[path] = lines
            case "edit":
                tree[path] = scrambled(chance, lines, tag)
            case "move":
                tree[f"{tag}/{path}"] = scrambled(chance, lines, tag)
            case "delete":
                gone.add(path)
    tree[f"{chance.choice(['', 'new/'])}added.py"] = [f"added by {tag}\n", *some_lines(chance)]
    return tree, gone
