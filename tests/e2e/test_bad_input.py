"""Bad input, seen from outside: one clear line, the right exit code, no traceback, and nothing left behind.

Real processes, each with a home folder, a working folder, a user's folder and a TMPDIR of its own. A case is a row of
data; `World.refused` is what all of them have to satisfy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

TERRAFORM = shutil.which("terraform") or shutil.which("tofu") or ""
GIT = shutil.which("git") or ""
NEW = ("new", "service", "new-api", "--team", "payments", "--no-input")
"""What would go well, if it were not for what a test breaks."""

Says = Sequence[str]


def row(id_: str, *values: Any) -> Any:
    """One case of a table, with its name."""
    return pytest.param(*values, id=id_)


@dataclass
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The one line that says what is wrong."""
        own = [line for line in self.err.splitlines() if line.startswith("platformctl: ")]
        usage = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(own) + len(usage) == 1, f"not one clear line, exit {self.code}:\n{self.err}\n{self.out}"
        return (own + usage)[0]


@dataclass
class World:
    """Folders that belong to one test, and platformctl run in them."""

    root: Path
    path: str = ""
    """PATH, when it is not the usual one."""
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.work, self.tmp, self.user, self.bin):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def user(self) -> Path:
        return self.root / "user"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def platform(self) -> Path:
        return self.root / "org" / "platform.yaml"

    def environment(self) -> dict[str, str]:
        """A user's environment in which every folder is this world's."""
        ours = ("PLATFORMCTL_", "GIT_", "TF_", "XDG_", "PYTHONDEVMODE")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        own = {
            "PLATFORMCTL_HOME": str(self.home),
            "HOME": str(self.user),
            "TMPDIR": str(self.tmp),
            "PATH": self.path or f"{self.bin}{os.pathsep}{kept['PATH']}",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "CI": "1",
        }
        if self.platform.exists():
            own["PLATFORMCTL_PLATFORM"] = str(self.platform)
        return kept | own | self.env

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start platformctl and go on."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        command = [sys.executable, "-m", "platformctl", *arguments]
        return subprocess.Popen(command, cwd=self.work, env=self.environment(), **options)

    def run(self, *arguments: str, **options: Any) -> Done:
        """Run platformctl to its end; whatever happens, it shows no traceback and finds no bug in itself."""
        with self.start(*arguments, **options) as process:
            return ended(process)

    def tree(self) -> dict[str, str]:
        """Everything in this world by its path, but for `locks/` and `cache/`, with what is in it."""
        found = {}
        home, start = str(self.home), len(str(self.root)) + 1
        for folder, folders, files in os.walk(self.root):
            if folder == home:
                folders[:] = [name for name in folders if name not in ("locks", "cache")]
            found |= {f"{folder}/{name}"[start:]: read(f"{folder}/{name}") for name in (*folders, *files)}
        return found

    def refused(self, *arguments: str, code: int, says: Says = (), **options: Any) -> Done:
        """Expect one line with all of `says` in it, this exit code, and a world as it was."""
        before = self.tree()
        done = self.run(*arguments, **options)
        after = self.tree()
        message = done.message
        assert not [text for text in says if text not in message], f"{says} should be in: {message}"
        assert done.code == code, f"exit {done.code}: {message}"
        assert changed(before, after) == [], message
        return done

    def write_platform(self, text: str) -> None:
        """An organisation's platform.yaml; from here on it is the platform."""
        self.platform.parent.mkdir(exist_ok=True)
        self.platform.write_text(text, encoding="utf-8")

    def shim(self, body: str, name: str = "terraform") -> None:
        """Put a program first on PATH. `$REAL` is Terraform itself."""
        file = self.bin / name
        file.write_text(f'#!/bin/sh\nREAL="{TERRAFORM}"\n{body}\nexec "$REAL" "$@"\n', encoding="utf-8")
        file.chmod(0o755)

    def only(self, **programs: str) -> None:
        """Leave nothing on PATH but these programs."""
        folder = self.root / "path"
        folder.mkdir()
        for name, program in programs.items():
            (folder / name).symlink_to(program)
        self.path = str(folder)

    def git(self, repository: str, *arguments: str, stdin: bytes = b"", **env: str) -> str:
        """Work on a repository of the embedded forge behind platformctl's back."""
        folder = next((self.home / "forge").glob(f"*/{repository}.git"))
        who = ["-c", "user.name=a", "-c", "user.email=a@localhost"]
        command = ["git", f"--git-dir={folder}", *who, *arguments]
        done = subprocess.run(command, input=stdin, env={**os.environ, **env}, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def overwrite(self, repository: str, ref: str, path: str, content: bytes) -> str:
        """Commit one changed file onto a ref; gives the commit that was there before."""
        index = {"GIT_INDEX_FILE": str(self.root / "index")}
        before = self.git(repository, "rev-parse", ref)
        blob = self.git(repository, "hash-object", "-w", "--stdin", stdin=content)
        self.git(repository, "read-tree", ref, **index)
        self.git(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **index)
        tree = self.git(repository, "write-tree", **index)
        commit = self.git(repository, "commit-tree", tree, "-p", before, "-m", "Break it")
        self.git(repository, "update-ref", ref, commit)
        (self.root / "index").unlink()
        return before

    def state(self, service: str) -> Path:
        """The Terraform state of a service in staging."""
        return next((self.home / "terraform").rglob(f"{service}-staging/terraform.tfstate"))

    def traces(self, service: str) -> list[str]:
        """What of a service is in this world, journals apart: nobody takes those back."""
        staged = self.git("environments", "ls-tree", "-r", "--name-only", "main").splitlines()
        files = [path for path in self.tree() if service in path and not path.startswith("home/runs/")]
        return files + [path for path in staged if service in path]


def ended(process: subprocess.Popen[bytes], timeout: float = 90) -> Done:
    """Wait for a process's end and read what it said."""
    out, err = process.communicate(timeout=timeout)
    done = Done(process.returncode, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace"))
    for trace in ("Traceback", "this is a bug", "Exception ignored", 'File "'):
        assert trace not in done.err + done.out, f"exit {done.code}:\n{done.err}"
    return done


def read(path: str) -> str:
    """What there is to compare: a link's target, a file's content as a hash."""
    if os.path.islink(path):  # noqa: PTH114
        return f"link {os.readlink(path)}"  # noqa: PTH115
    if not os.path.isfile(path):  # noqa: PTH113
        return "folder"
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.sha1(file.read()).hexdigest()


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The paths at which two trees differ."""
    return sorted({path for path, _ in before.items() ^ after.items()})


def run_id(message: str) -> str:
    """The run that a message names, with how to go on and how to take it back."""
    found = re.search(r"platformctl resume (\S+?);? .*platformctl undo (\S+)", message)
    assert found, f"it does not say how to go on: {message}"
    assert found[1] == found[2]
    return found[1]


@pytest.fixture
def empty(tmp_path: Path) -> World:
    """A world in which platformctl has never been used."""
    return World(tmp_path)


@dataclass
class Pristine:
    """A world as it is before each test, however the test before it went."""

    world: World
    kept: Path
    tree: dict[str, str]

    @classmethod
    def keep(cls, world: World, kept: Path) -> Pristine:
        shutil.copytree(world.root, kept, symlinks=True, ignore=shutil.ignore_patterns("cache"))
        return cls(world, kept, world.tree())

    def restored(self) -> World:
        shutil.rmtree(self.world.home / "cache", ignore_errors=True)
        for path in reversed(changed(self.tree, self.world.tree())):
            here = self.world.root / path
            if self.tree.get(path) == "folder" and here.is_dir():
                continue
            if here.is_dir() and not here.is_symlink():
                shutil.rmtree(here)
            else:
                here.unlink(missing_ok=True)
        for path in changed(self.tree, self.world.tree()):
            here, kept = self.world.root / path, self.kept / path
            here.mkdir() if kept.is_dir() else shutil.copy2(kept, here, follow_symlinks=False)
        return World(self.world.root)


@pytest.fixture(scope="module")
def with_service(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """The embedded platform with a service, `base-api`."""
    world = World(tmp_path_factory.mktemp("used"))
    done = world.run("new", "service", "base-api", "--team", "payments", "--no-input")
    assert done.code == 0, done.err
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def used(with_service: Pristine) -> World:
    """A world with a service."""
    return with_service.restored()


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Payments",
        "PAYMENTS",
        "payments_api",
        "payments.api",
        "ab",
        "a" * 32,
        "a/b",
        "..",
        ".",
        "../../payments",
        "/payments",
        "payments\n",
        "\npayments",
        "1payments",
        "pay ments",
        "pay\tments",
        "payments ",
        "zahlungen-für",
        "p\u0430yments",
        "paym\u200bents",
        "{{ 7 * 7 }}",
        "${{ inputs.team }}",
        "$(id)",
        "payments;id",
        "payments-",
    ],
    ids=ascii,
)
def test_an_illegal_name(empty: World, name: str) -> None:
    done = empty.refused(
        "new", "service", name, "--team", "payments", "--no-input", code=2, says=["name", "3 to 31 lower-case letters"]
    )
    assert done.out == ""


def test_a_name_that_is_no_text(empty: World) -> None:
    empty.refused("new", "service", "pay\udcffments", "--team", "payments", "--no-input", code=2, says=["UTF-8"])


@pytest.mark.parametrize("name", ["Base-Api", "../base-api", "..", "base-api\n", "no-such"], ids=ascii)
def test_a_service_that_is_not_there(used: World, name: str) -> None:
    used.refused("doctor", name, code=2, says=[repr(name)])
    if name == "no-such":
        used.refused("configure", name, "--set", "tier=batch", code=2, says=[repr(name), "platformctl new"])


@pytest.mark.parametrize(
    "command", [NEW, (*NEW, "--dry-run"), ("plan", *NEW[1:], "-o", "x.plan")], ids=["new", "dry-run", "plan"]
)
@pytest.mark.parametrize("what", ["bare repository", "empty folder"])
def test_a_repository_of_that_name_is_not_ours(used: World, what: str, command: tuple[str, ...]) -> None:
    folder = used.home / "forge" / "local" / "new-api.git"
    folder.mkdir()
    if what == "bare repository":
        subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    used.refused(*command, code=1, says=["repository/new-api is taken", "platformctl did not make it", "another name"])


@pytest.mark.parametrize("name", ["environments", "platform-modules", "platform-workflows", "organisation"])
def test_a_name_of_the_organisations_own(used: World, name: str) -> None:
    command = ("new", "service", name, "--team", "payments", "--no-input")
    used.refused(*command, code=1, says=[f"the name {name} is the organisation's own", "Choose another name"])


def test_a_plan_on_first_use_knows_the_organisations_own_names(empty: World) -> None:
    command = ("new", "service", "environments", "--team", "payments", "--no-input", "--dry-run")
    empty.refused(*command, code=1, says=["the organisation's own"])


@pytest.mark.parametrize(
    ("options", "key"),
    [
        row("tier", ["--tier", "batch"], "tier"),
        row("description", ["--description", "Other"], "description"),
        row("visibility", ["--visibility", "private"], "visibility"),
        row("list", ["--depends-on", "ledger-api"], "depends_on"),
        row("nested", ["--set", "slo.availability=99"], "slo"),
        row("team", ["--team", "checkout"], "team"),
    ],
)
def test_a_service_of_that_name_has_other_answers(used: World, options: list[str], key: str) -> None:
    configure = f"platformctl configure base-api --set {key}"
    command = ("new", "service", "base-api", "--team", "payments", "--no-input", *options)
    used.refused(*command, code=1, says=["base-api exists already", f"with {key} ", configure])


# Commands, options and values


@pytest.mark.parametrize(
    ("command", "says"),
    [
        row("path", "new servce new-api --team payments", ["no golden path 'servce'", "service"]),
        row("path empty", ["new", "", "new-api"], ["no golden path ''"]),
        row("path outside", "new ../service new-api", ["no golden path '../service'"]),
        row("version", f"{' '.join(NEW)} --path-version 9.9.9", ["no version '9.9.9'", "It has 1.0.0"]),
        row("version outside", f"{' '.join(NEW)} --path-version ../1.0.0", ["no version '../1.0.0'"]),
        row("show path", "path show nope", ["no golden path 'nope'", "service"]),
        row("show version", "path show service --path-version 7.0.0", ["no version '7.0.0'", "1.0.0"]),
        row("lint path", "path lint nope", ["no golden path 'nope'"]),
        row("lint folder", "path lint no/such", ["no folder 'no/such'"]),
        row("command", "nwe service new-api", ["no command 'nwe'", "new"]),
        row("command of path", "path nope", ["No such command 'nope'"]),
        row("command of runs", "runs nope", ["No such command 'nope'"]),
        row("no path", "new", ["Missing argument 'PATH'"]),
        row("no file", "apply", ["Missing argument 'FILE'"]),
        row("option", "doctor base-api --nope", ["No such option", "--nope"]),
        row("short option", f"{' '.join(NEW)} -x", ["-x"]),
        row("name like an option", "new service -payments --team payments", ["-p"]),
        row("option of a path", f"{' '.join(NEW)} --teir batch", ["--teir"]),
        row(
            "option without value",
            f"{' '.join(NEW)} --tier",
            ["--tier", "needs a value"],
        ),
        row("team without value", "new service new-api --team", ["--team", "requires an argument"]),
        row("argument too many", f"{' '.join(NEW)} more", ["unexpected", "more"]),
        row("tier", f"{' '.join(NEW)} --tier gold", ["tier: 'gold'", "standard, high-availability, batch"]),
        row("tier set", f"{' '.join(NEW)} --set tier=gold", ["tier: 'gold'", "standard"]),
        row("tier empty", [*NEW, "--tier", ""], ["tier: ''", "standard"]),
        row("language", f"{' '.join(NEW)} --language cobol", ["language: 'cobol'", "python"]),
        row("visibility", f"{' '.join(NEW)} --visibility secret", ["visibility: 'secret'", "internal"]),
        row("latency", f"{' '.join(NEW)} --set slo.latency_seconds=3", ["slo.latency_seconds: 3", "0.25, 0.5, 2.5"]),
        row("number", f"{' '.join(NEW)} --set slo.availability=abc", ["slo.availability: 'abc'", "number"]),
        row("number empty", f"{' '.join(NEW)} --set slo.availability=", ["slo.availability: ''", "number"]),
        row("number text", f'{" ".join(NEW)} --set slo.availability="99"', ["slo.availability", "number"]),
        row("number high", f"{' '.join(NEW)} --set slo.availability=100", ["slo.availability: 100", "99.999"]),
        row("number infinite", f"{' '.join(NEW)} --set slo.availability=1e999", ["slo.availability"]),
        row(
            "number not a number",
            f"{' '.join(NEW)} --set slo.availability=NaN",
            ["slo.availability"],
        ),
        row("object", f"{' '.join(NEW)} --set slo=3", ["slo: 3", "object"]),
        row("object and part", [*NEW, "--set", "slo=3", "--set", "slo.availability=99"], ["slo"]),
        row("no equals", f"{' '.join(NEW)} --set tier", ["'tier'", "key=value"]),
        row("set empty", [*NEW, "--set", ""], ["key=value"]),
        row("key", f"{' '.join(NEW)} --set colour=red", ["no input 'colour'", "Inputs: name, team"]),
        row("key empty", f"{' '.join(NEW)} --set =red", ["no input ''"]),
        row("key nested", f"{' '.join(NEW)} --set slo.nope=1", ["no input 'slo.nope'", "slo.availability"]),
        row("key below text", f"{' '.join(NEW)} --set tier.x=1", ["no input 'tier.x'"]),
        row("dependency", [*NEW, "--depends-on", "Ledger Api"], ["depends_on", "'Ledger Api'"]),
        row("dependency outside", f"{' '.join(NEW)} --depends-on ledger-api,../x", ["depends_on", "'../x'"]),
        row("dependency number", [*NEW, "--set", 'depends_on=["ledger-api",3]'], ["depends_on", "3"]),
        row("dependency twice", f"{' '.join(NEW)} --depends-on ledger,ledger", ["depends_on"]),
        row("dependencies broken", f"{' '.join(NEW)} --set depends_on=[ledger", ["depends_on", "[ledger"]),
        row("dependency trailing hyphen", [*NEW, "--depends-on", "ledger-"], ["depends_on", "'ledger-'"]),
        row("no name", "new service --team payments --no-input", ["name is missing", "NAME"]),
        row("no team", "new service new-api --no-input", ["team is missing", "--set team="]),
        row("team empty", ["new", "service", "new-api", "--team", "", "--no-input"], ["team"]),
        row("team without a letter", "new service new-api --team !!! --no-input", ["team: '!!!'", "slug"]),
        row("description", [*NEW, "--description", "x" * 501], ["description", "too long"]),
        row("answers file", f"{' '.join(NEW)} --answers nope.yaml", ["nope.yaml", "no such file"]),
        row("nothing to configure", "configure base-api", ["--set KEY=VALUE"]),
        row("configure value", "configure base-api --set tier=gold", ["tier: 'gold'", "standard"]),
        row("configure name", "configure base-api --set name=new-api", ["keeps its name", "platformctl new"]),
        row("which service", "doctor", ["which service", "Give its name"]),
        row("which service to configure", "configure --set tier=batch", ["which service"]),
        row("run", "runs show nope", ["no run 'nope'", "runs list"]),
        row("run empty", ["runs", "show", ""], ["no run ''"]),
        row("run as a glob", ["runs", "show", "*"], ["no run '*'"]),
        row("run outside", "runs show ../x", ["no run '../x'"]),
        row("undo", "undo nope --yes", ["no run 'nope'", "runs list"]),
        row("resume", "resume nope", ["no run 'nope'", "runs list"]),
        row("resume done", "resume last", ["is done", "nothing to resume"]),
        row("limit low", "runs list --limit 0", ["--limit"]),
        row("limit text", "runs list --limit many", ["--limit"]),
        row("plan file", "apply nope.plan", ["nope.plan", "no such file"]),
        row("plan is a folder", "apply .", ["no such file"]),
    ],
)
def test_a_command_that_cannot_be_right(used: World, command: str | list[str], says: Says) -> None:
    words = command.split(" ") if isinstance(command, str) else command
    used.refused(*words, code=2, says=says)


def test_undo_without_approval_shows_what_it_would_do_and_does_nothing(used: World) -> None:
    done = used.refused("undo", "last", code=2, says=["--yes"])
    assert "removes repository/base-api" in done.err


def test_a_plan_that_cannot_be_written(used: World) -> None:
    used.refused("plan", *NEW[1:], "-o", "no/such.plan", code=1, says=["no/", "No such file"])


def test_machines_read_the_same(used: World) -> None:
    done = used.refused(*NEW, "--tier", "gold", "--json", code=2, says=["tier: 'gold'"])
    last = json.loads(done.out.splitlines()[-1])
    assert (last["type"], last["exit_code"], last["cause"]) == ("error", 2, "user")
    assert done.message == f"platformctl: {last['message']}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        row("yaml", b"team: payments\ntier: [batch\n", ["a.yaml:3", "YAML"]),
        row("list", b"- tier\n", ["a.yaml", "mapping"]),
        row("empty", b"", ["a.yaml", "mapping"]),
        row("not text", b"\xff\xfe", ["a.yaml", "UTF-8"]),
        row("twice", b"tier: batch\ntier: batch\n", ["a.yaml:2", "'tier'"]),
        row("record", b"schema: 1\nanswers: 3\n", ["a.yaml", "mapping"]),
        row("unknown", b"tier: batch\ncolour: red\n", ["'colour'"]),
        row("value", b"tier: gold\n", ["tier: 'gold'"]),
        row("itself", b"depends_on: &a [*a]\n", ["a.yaml:1"]),
    ],
)
def test_an_answers_file_that_cannot_be_used(used: World, content: bytes, says: Says) -> None:
    (used.work / "a.yaml").write_bytes(content)
    used.refused(*NEW, "--answers", "a.yaml", code=2, says=says)


# Golden paths of an organisation's own

HEAD = """\
schema: 1
path: demo
version: 1.0.0
description: A demo
inputs:
  type: object
  required: [name]
  additionalProperties: false
  properties:
    name: {type: string, pattern: "^[a-z-]+$", description: letters}
steps:
"""
REPOSITORY = """\
  - id: repository
    uses: repository
    plane: developer
    with:
      name: ${{ inputs.name }}
"""
ROOT = "template/{{cookiecutter.name}}"
TEMPLATE = {"template/cookiecutter.json": "{}", f"{ROOT}/README.md": "# {{ cookiecutter.name }}\n"}


def step(id_: str, with_: str, uses: str = "repository", more: str = "") -> str:
    """One step of a recipe."""
    return f"  - id: {id_}\n    uses: {uses}\n    plane: developer\n{more}    with: {with_}\n"


def scaffold(templates: str = "[template]", x: str = "x") -> str:
    """A recipe that renders a template into a repository."""
    values = f'{{name: "${{{{ inputs.name }}}}", x: {x}}}'
    return "".join(
        (
            HEAD,
            step("code", f"{{templates: {templates}, values: {values}}}", uses="scaffold"),
            REPOSITORY,
            step("files", '{repository: "${{ inputs.name }}", files: ["${{ steps.code.outputs.files }}"]}', "files"),
            "    needs: [repository]\n",
        )
    )


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """An organisation with teams and golden paths of its own, prepared."""
    world = World(tmp_path_factory.mktemp("acme"))
    world.write_platform(
        "schema: 1\norganisation: acme\ngolden_paths: [paths]\nteams:\n  - slug: payments\n    name: Payments\n"
    )
    (world.platform.parent / "paths").mkdir()
    done = world.run("init", "--organisation", "acme", "--no-input")
    assert done.code == 0, done.err
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def acme(organisation: Pristine) -> World:
    """A world of that organisation."""
    return organisation.restored()


@pytest.fixture
def recipe(acme: World) -> Callable[..., Path]:
    """Writes the golden path `demo`."""
    paths = acme.platform.parent / "paths"

    def write(text: str | bytes | None, files: dict[str, str | bytes | Path | None] | None = None) -> Path:
        folder = paths / "demo" / "1.0.0"
        folder.mkdir(parents=True)
        about = "schema: 1\nname: demo\ntitle: A demo\nowner: platform\nsupport: none\nlifecycle: experimental\n"
        (paths / "demo" / "path.yaml").write_text(about, encoding="utf-8")
        (paths / "demo" / "CHANGELOG.md").write_text("## 1.0.0\n", encoding="utf-8")
        if text is not None:
            (folder / "recipe.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        for name, content in (files or {}).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                file.mkdir()
            elif isinstance(content, Path):
                file.symlink_to(content)
            else:
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


DEMO = ("new", "demo", "new-api", "--no-input")


def test_a_golden_path_that_is_right(acme: World, recipe: Callable[..., Path]) -> None:
    """What the tables below break one piece of."""
    recipe(scaffold(), TEMPLATE)
    done = acme.run(*DEMO)
    assert done.code == 0, done.err
    assert acme.git("new-api", "show", "main:README.md") == "# new-api"
    assert acme.run("undo", "last", "--yes").code == 0
    assert acme.traces("new-api") == []


def test_the_organisation_is_not_prepared(empty: World) -> None:
    empty.write_platform("schema: 1\norganisation: acme\n")
    empty.refused(*NEW, code=2, says=["platform.yaml", "platformctl init"])
    assert empty.run("init", "--no-input").code == 0, "what the message says to do"
    assert empty.run(*NEW).code == 0


@pytest.mark.parametrize("team", ["nobody", "PAYMENTS", "payments "])
def test_a_team_that_the_platform_does_not_have(acme: World, team: str) -> None:
    says = [f"no team '{team}'", "platform.yaml: payments"]
    acme.refused("new", "service", "new-api", "--team", team, "--no-input", code=2, says=says)


def reference(text: str) -> str:
    """A recipe in which a repository's name is this text."""
    return HEAD + step("repository", f'{{name: "{text}"}}  # here')


KNOWN = ["inputs.NAME", "platform.NAME", "steps.ID.outputs.NAME"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("inputs", reference("${{ inputs.nope }}"), ["no input 'nope'", "inputs: name"]),
        row("inputs deeper", reference("${{ inputs.name.x }}"), ["no input 'name.x'"]),
        row("platform", reference("${{ platform.nope }}"), ["no 'nope'", "organisation"]),
        row("platform short", reference("${{ platform.team }}"), ["no 'team'", "team.slug"]),
        row("recipe", reference("${{ recipe.nope }}"), ["recipe.nope", *KNOWN]),
        row("steps", reference("${{ steps.nope.outputs.x }}"), ["no step 'nope'", "steps: repository"]),
        row("steps short", reference("${{ steps.repository.name }}"), ["steps.repository.name", *KNOWN]),
        row("output", reference("${{ steps.repository.outputs.nope }}"), ["no output 'nope'", "clone_url"]),
        row("root", reference("${{ env.HOME }}"), ["env.HOME", *KNOWN]),
        row("secrets", reference("${{ secrets.KEY }}"), ["secrets.KEY", *KNOWN]),
        row("unclosed", reference("${{ inputs.name"), ["not closed"]),
        row("unclosed later", reference("${{ inputs.name }}-${{ x"), ["not closed"]),
        row("comparison", reference("${{ inputs.name == 'x' }}"), ["not a reference"]),
        row("arithmetic", reference("${{ 7 * 7 }}"), ["not a reference"]),
        row("filter", reference("${{ inputs.name | upper }}"), ["not a reference"]),
        row("nothing", reference("${{ }}"), ["not a reference"]),
        row("two dots", reference("${{ inputs..name }}"), ["not a reference"]),
        row("itself", HEAD + step("a # here", '{name: "${{ steps.a.outputs.name }}"}'), ["a → a"]),
        row(
            "cycle",
            HEAD
            + step("a # here", '{name: "${{ steps.b.outputs.name }}"}')
            + step("b", '{name: "${{ steps.a.outputs.name }}"}'),
            ["wait for one another", "a → b → a"],
        ),
        row(
            "cycle by needs",
            HEAD + REPOSITORY.replace("tory\n", "tory # here\n", 1) + "    needs: [repository]\n",
            ["→"],
        ),
        row("needs", HEAD + REPOSITORY + "    needs: [nope]  # here\n", ["no step 'nope'", "repository"]),
        row("when", HEAD + REPOSITORY + "    when: ${{ inputs.nope }}  # here\n", ["no input 'nope'"]),
        row("when expression", HEAD + REPOSITORY + "    when: inputs.name == 'x'  # here\n", ["when"]),
        row("outputs", HEAD + REPOSITORY + "outputs:  # here\n  x: ${{ steps.no.outputs.y }}\n", ["no step 'no'"]),
        row("next", HEAD + REPOSITORY + "next:  # here\n  - ${{ nope }}\n", ["refers to nothing"]),
        row(
            "platform fact without its input",
            HEAD + step("repository", '{name: "${{ platform.team.slug }}"}  # here'),
            ["team"],
        ),
        row("action", HEAD + REPOSITORY.replace("uses: repository", "uses: repo # here"), ["'repo'", "branch_prot"]),
        row("action version", HEAD + REPOSITORY.replace("uses: repository", "uses: files@9 # here"), ["'files@9'"]),
        row("action as module", HEAD + REPOSITORY.replace("uses: repository", "uses: os.system # here"), ["os.system"]),
        row("input of action", HEAD + REPOSITORY + "      colour: red  # here\n", ["no input 'colour'", "topics"]),
        row("input missing", HEAD + step("repository # here", "{}"), ["needs the input 'name'"]),
        row("input type", HEAD + REPOSITORY + "      topics: red  # here\n", ["topics", "array"]),
        row("input value", HEAD + REPOSITORY + "      visibility: secret  # here\n", ["visibility", "internal"]),
        row("resolved type", HEAD + step("repository # here", '{name: "${{ inputs }}"}'), ["name", "string"]),
        row("plane", HEAD + REPOSITORY.replace("developer", "backend # here"), ["plane", "'backend'", "delivery"]),
        row("id", HEAD + REPOSITORY.replace("id: repository", "id: A b # here"), ["id", "'A b'"]),
        row("ids", HEAD + REPOSITORY + REPOSITORY.replace("tory\n", "tory # here\n", 1), ["'repository'", "twice"]),
        row("no step", HEAD.replace("steps:", "steps: []  # here"), ["steps"]),
        row("yaml", HEAD + "  - id: a: b  # here\n", ["YAML"]),
        row("yaml tab", HEAD + "\t- id: a  # here\n", ["YAML"]),
        row("yaml alias", HEAD.replace("steps:", "steps: *a # here"), ["YAML"]),
        row("second document", HEAD + REPOSITORY + "--- # here\na: 1\n", ["YAML"]),
        row("key twice", HEAD + REPOSITORY + "    uses: tag  # here\n", ["'uses'", "second time"]),
        row("top key twice", HEAD + REPOSITORY + "version: 2.0.0  # here\n", ["'version'", "second time"]),
        row("key not text", HEAD + "  - 1: a  # here\n", ["1", "quotes"]),
        row(
            "no input name",
            HEAD.replace("name: {", "title: {").replace("[name]", "[]").replace("inputs:", "inputs:  # here")
            + step("repository", "{name: x}"),
            ["`name`"],
        ),
        row("inputs", HEAD.replace("type: object", "type: objekt  # here") + REPOSITORY, ["JSON Schema", "objekt"]),
        row(
            "pattern",
            HEAD.replace("^[a-z-]+$", "^[a-z").replace("letters}", "letters}  # here") + REPOSITORY,
            ["JSON Schema"],
        ),
        row(
            "itself in itself",
            HEAD.replace("steps:", "steps: &a [*a]  # here"),
            [],
        ),
        row(
            "field",
            HEAD + REPOSITORY + "stepz: []  # here\n",
            ["'stepz'", "known"],
        ),
        row(
            "field of step",
            HEAD + REPOSITORY + "    wen: x  # here\n",
            ["'wen'", "when"],
        ),
        row(
            "files that are no files",
            HEAD + REPOSITORY + step("files # here", '{repository: "${{ inputs.name }}", files: [text]}', "files"),
            ["files"],
        ),
        row(
            "repository name",
            HEAD + step("repository # here", '{name: "../x"}'),
            ["'../x'"],
        ),
    ],
)
def test_a_recipe_that_cannot_be_right(acme: World, recipe: Callable[..., Path], text: str, says: Says) -> None:
    """The line that is wrong carries the comment `# here`; the message names it."""
    file = recipe(text) / "recipe.yaml"
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "# here" in line)
    acme.refused(*DEMO, code=1, says=[f"{file}:{line}: ", *says])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("none", None, ["no recipe.yaml"]),
        row("empty", "", ["recipe.yaml"]),
        row("text", "hello", ["recipe.yaml"]),
        row("not text", b"schema: \xff\xfe", ["recipe.yaml", "UTF-8"]),
        row("control character", b"schema: 1\n\x07", ["recipe.yaml", "YAML"]),
        row("object", HEAD.replace("steps:", "steps: !!python/object/apply:os.system [id]"), ["recipe.yaml:11"]),
        row("format", (HEAD + REPOSITORY).replace("schema: 1", "schema: 2"), ["recipe.yaml:1", "schema"]),
        row("version", (HEAD + REPOSITORY).replace("1.0.0", "2.0.0"), ["recipe.yaml", "demo 2.0.0", "demo/1.0.0"]),
        row("path", (HEAD + REPOSITORY).replace("path: demo", "path: other"), ["recipe.yaml", "other 1.0.0"]),
        row("missing", (HEAD + REPOSITORY).replace("version: 1.0.0\n", ""), ["recipe.yaml", "'version' is missing"]),
    ],
)
def test_a_file_that_is_no_recipe(acme: World, recipe: Callable[..., Path], text: Any, says: Says) -> None:
    recipe(text)
    acme.refused(*DEMO, code=1, says=says)


def test_lint_says_the_same(acme: World, recipe: Callable[..., Path]) -> None:
    folder = recipe(reference("${{ inputs.nope }}"))
    before = acme.tree()
    done = acme.run("path", "lint", "demo")
    assert (done.code, done.err) == (1, "")
    assert f"{folder}/recipe.yaml:15: there is no input 'nope'" in done.out
    assert acme.tree() == before


def test_a_recipe_that_does_not_insist_on_a_name(acme: World, recipe: Callable[..., Path]) -> None:
    recipe(HEAD.replace("[name]", "[]") + REPOSITORY)
    acme.refused("new", "demo", "--no-input", code=1, says=["recipe.yaml", "name"])


def test_a_date_that_is_none(acme: World, recipe: Callable[..., Path]) -> None:
    step_ = step("files", '{repository: "${{ inputs.name }}", files: [], date: yesterday}', "files")
    recipe(HEAD + REPOSITORY + step_ + "    needs: [repository]\n")
    acme.refused(*DEMO, code=1, says=["recipe.yaml", "date"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("yaml", "name: [demo\n", ["path.yaml:2", "YAML"]),
        row("other name", "schema: 1\nname: other\n", ["path.yaml"]),
        row("empty", "", ["path.yaml"]),
    ],
)
def test_a_path_yaml_that_cannot_be_right(acme: World, recipe: Callable[..., Path], text: str, says: Says) -> None:
    (recipe(HEAD + REPOSITORY).parent / "path.yaml").write_text(text, encoding="utf-8")
    for command in (DEMO, ("path", "list"), ("path", "show", "demo")):
        acme.refused(*command, code=1, says=says)


# Templates


def made_of(*names: str, x: str = '"x"', **more: Any) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with files of these names."""
    files = {"template/cookiecutter.json": "{}", **{f"{ROOT}/{name}": "text\n" for name in names}, **more}
    return scaffold(x=x), files


def holding(text: str) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with one file, its text on the second line."""
    return scaffold(), {"template/cookiecutter.json": "{}", f"{ROOT}/README.md": f"first\n{text}\n"}


def context(text: str | bytes) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with this cookiecutter.json."""
    return scaffold(), {**TEMPLATE, "template/cookiecutter.json": text}


X = "{{ cookiecutter.x }}"
OUTSIDE = "outside of the repository"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        row("parent", made_of(f"{X}/a", x='".."'), ["'../a'", OUTSIDE]),
        row("parent in value", made_of(X, x='"../../a"'), ["'../../a'", OUTSIDE]),
        row("parent behind name", made_of(X, x='"new-api/../../a"'), [OUTSIDE]),
        row("absolute", made_of(X, x='"/a/b"'), ["'/a/b'", OUTSIDE]),
        row("hook of git", made_of(".git/hooks/pre-commit"), ["'.git/hooks/pre-commit'", OUTSIDE]),
        row("git in capitals", made_of(".GIT/config"), ["'.GIT/config'", OUTSIDE]),
        row("git deeper", made_of("a/.git/config"), ["'a/.git/config'", OUTSIDE]),
        row("git in value", made_of(f"{X}/config", x='".git"'), ["'.git/config'", OUTSIDE]),
        row("backslash", made_of(X, x="'a\\b'"), [OUTSIDE]),
        row("line end", made_of(X, x='"a\\nb"'), [OUTSIDE]),
        row("empty", made_of(X, x='""'), ["''", OUTSIDE]),
        row("empty between", made_of(f"a/{X}/b", x='""'), ["'a//b'", OUTSIDE]),
        row(
            "null character",
            made_of(X, x='"a\\0b"'),
            [OUTSIDE],
        ),
        row(
            "a file and a folder",
            made_of(X, "a/b", x='"a"'),
            ["'a'"],
        ),
        row("hooks", (scaffold(), {**TEMPLATE, "template/hooks/post_gen_project.py": "x"}), ["hooks", "remove them"]),
        row("_extensions", context('{"_extensions": ["os.system"]}'), ["cookiecutter.json", "'_extensions'"]),
        row("_jinja2_env_vars", context('{"_jinja2_env_vars": {}}'), ["cookiecutter.json", "'_jinja2_env_vars'"]),
        row("context broken", context('{\n"name":,}'), ["cookiecutter.json", "JSON", "line 2"]),
        row("context not text", context(b"\xff"), ["cookiecutter.json"]),
        row(
            "context a number",
            context("1"),
            ["cookiecutter.json"],
        ),
        row("no context", (scaffold(), {f"{ROOT}/a": "a"}), ["no cookiecutter.json"]),
        row("no template", (scaffold("[nope]"), TEMPLATE), ["no template 'nope'"]),
        row("template is a file", (scaffold("[template/cookiecutter.json]"), TEMPLATE), ["no template"]),
        row("template outside", (scaffold('["../../demo"]'), TEMPLATE), ["outside of the recipe's folder"]),
        row("template absolute", (scaffold('["/"]'), TEMPLATE), ["outside of the recipe's folder"]),
        row("no root", (scaffold(), {"template/cookiecutter.json": "{}"}), ["one folder", "not 0"]),
        row("two roots", made_of("a", **{"template/b-{{cookiecutter.name}}/b": "b"}), ["one folder", "not 2"]),
        row(
            "root is a file",
            (scaffold(), {"template/cookiecutter.json": "{}", ROOT: "text"}),
            ["one folder"],
        ),
        row(
            "root is empty",
            (scaffold(), {"template/cookiecutter.json": "{}", ROOT: None}),
            ["template"],
        ),
        row("link", made_of("a", **{f"{ROOT}/b": Path("a")}), ["links are not followed"]),
        row("link outside", made_of(**{f"{ROOT}/b": Path("../../recipe.yaml")}), ["links are not followed"]),
        row(
            "link to a folder",
            made_of("a", **{f"{ROOT}/b": Path("../..")}),
            ["links are not followed"],
        ),
        row(
            "root is a link",
            (scaffold(), {"template/cookiecutter.json": "{}", "elsewhere/a": "a", ROOT: Path("../elsewhere")}),
            ["links are not followed"],
        ),
        row(
            "two templates",
            (
                scaffold("[template, other]"),
                {**TEMPLATE, "other/cookiecutter.json": "{}", "other/{{cookiecutter.name}}/README.md": "x"},
            ),
            ["README.md", "two templates"],
        ),
    ],
)
def test_a_template_that_cannot_be_right(
    acme: World, recipe: Callable[..., Path], made: tuple[str, dict[str, Any]], says: Says
) -> None:
    folder = recipe(*made)
    acme.refused(*DEMO, code=1, says=[str(folder), *says])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("missing", "{{ cookiecutter.nope }}", ["nope"]),
        row("missing root", "{{ nope }}", ["'nope' is undefined"]),
        row("missing part", "{{ cookiecutter.name.nope }}", ["nope"]),
        row("missing in a condition", "{% if cookiecutter.nope %}a{% endif %}", ["nope"]),
        row("syntax", "{% if %}", ["expression"]),
        row("unclosed", "{{ cookiecutter.name", ["end"]),
        row("no end", "{% if 1 %}", ["endif"]),
        row("filter", "{{ cookiecutter.name | nope }}", ["'nope'"]),
        row("tag", "{% nope %}", ["'nope'"]),
        row("error", "{{ 1 / 0 }}", ["division"]),
        row("include", "{% include 'nope' %}", ["nope"]),
        row("include outside", "{% include '../../recipe.yaml' %}", ["recipe.yaml"]),
        row("include absolute", "{% include '/etc/hostname' %}", ["hostname"]),
        row("import", "{% import 'os' as os %}", ["os"]),
        row("mro", "{{ ''.__class__.__mro__ }}", ["unsafe"]),
        row("subclasses", "{{ ().__class__.__base__.__subclasses__() }}", ["unsafe"]),
        row("by index", "{{ ''['__class__'] }}", ["unsafe"]),
        row("by filter", "{{ ''|attr('__class__') }}", ["unsafe"]),
        row("by format", "{{ '{0.__class__}'.format('') }}", ["unsafe"]),
        row("by sum", "{{ ['']|sum(attribute='__class__') }}", ["unsafe"]),
        row("globals", "{{ lipsum.__globals__['os'].popen('id').read() }}", ["'lipsum' is undefined"]),
        row("cycler", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", ["unsafe"]),
        row("self", "{{ self.__init__.__globals__ }}", ["unsafe"]),
        row("values", "{{ cookiecutter.__class__ }}", ["unsafe"]),
        row("change values", "{{ cookiecutter.update({'name': 'x'}) }}", ["unsafe"]),
        row("change a list", "{{ [].append(1) }}", ["unsafe"]),
        row("too long", "{% for i in range(1000000) %}{% endfor %}", ["Range too big"]),
        row("random", "{{ random_ascii_string(3) }}", ["random_ascii_string"]),
        row("uuid", "{{ uuid4() }}", ["uuid4"]),
    ],
)
def test_text_in_a_template_that_cannot_be_right(
    acme: World, recipe: Callable[..., Path], text: str, says: Says
) -> None:
    folder = recipe(*holding(text))
    acme.refused(*DEMO, code=1, says=[f"{folder / ROOT}/README.md:2: ", *says])


@pytest.mark.parametrize("name", ["{{ cookiecutter.nope }}.md", "{{ cookiecutter.name"], ids=["missing", "syntax"])
def test_a_file_name_in_a_template_that_cannot_be_right(acme: World, recipe: Callable[..., Path], name: str) -> None:
    folder = recipe(*made_of(name))
    acme.refused(*DEMO, code=1, says=[f"{folder / ROOT / name}:1: "])


# Missing and broken tools


@pytest.mark.parametrize(
    "command",
    [NEW, (*NEW, "--dry-run"), ("configure", "base-api", "--set", "tier=batch")],
    ids=["new", "dry-run", "configure"],
)
class TestMissingTools:
    """A tool is not on PATH: exit code 4 and how to install it."""

    def test_no_terraform(self, used: World, command: tuple[str, ...]) -> None:
        used.only(git=GIT)
        says = ["terraform or tofu is not on PATH", "Install it: https://"]
        used.refused(*command, code=4, says=says)

    def test_no_git(self, used: World, command: tuple[str, ...]) -> None:
        used.only(terraform=TERRAFORM)
        used.refused(*command, code=4, says=["git is not on PATH", "Install it: apt-get install git"])


def test_doctor_without_terraform_says_how_to_get_it(used: World) -> None:
    used.only(git=GIT)
    before = used.tree()
    done = used.run("doctor", "base-api")
    assert done.code == 4
    assert "terraform or tofu is not on PATH. Install it: https://" in done.out + done.err
    assert used.tree() == before


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        row("git new", "git", NEW),
        row("git plan", "git", (*NEW, "--dry-run")),
        row("git init", "git", ("init", "--organisation", "acme")),
        row("terraform new", "terraform", NEW),
        row("terraform plan", "terraform", (*NEW, "--dry-run")),
    ],
)
def test_a_tool_is_missing_on_first_use(empty: World, tool: str, command: tuple[str, ...]) -> None:
    empty.only(**({"git": GIT} if tool == "terraform" else {"terraform": TERRAFORM}))
    empty.refused(*command, code=4, says=["is not on PATH", "Install it"])


@pytest.mark.parametrize(
    ("script", "says"),
    [
        row("fails silently", "#!/bin/sh\nexit 3\n", ["terraform init"]),
        row("fails in words", "#!/bin/sh\necho 'Error: no such luck' >&2\nexit 1\n", ["terraform init: no such luck"]),
        row("is killed", "#!/bin/sh\nkill -9 $$\n", ["terraform init", "signal 9"]),
        row("is no program", "garbage\0", ["terraform", "Exec format error"]),
        row("has no interpreter", "#!/no/such/sh\n", ["terraform", "No such file"]),
    ],
)
def test_terraform_is_broken(used: World, script: str, says: Says) -> None:
    (used.bin / "terraform").write_text(script, encoding="utf-8")
    (used.bin / "terraform").chmod(0o755)
    used.refused(*NEW, code=1, says=says)


def test_git_is_broken(used: World) -> None:
    (used.bin / "git").write_text("#!/bin/sh\necho 'fatal: no such luck' >&2\nexit 128\n", encoding="utf-8")
    (used.bin / "git").chmod(0o755)
    before = used.tree()
    done = used.run(*NEW)
    assert done.code == 1
    assert "fatal: no such luck" in done.message
    assert [path for path in changed(before, used.tree()) if not path.startswith("home/runs")] == []


DIAGNOSTIC = json.dumps(
    {
        "@level": "error",
        "@message": "Error: Invalid value for variable",
        "@module": "terraform.ui",
        "@timestamp": "2026-01-01T00:00:00.000000Z",
        "diagnostic": {
            "severity": "error",
            "summary": "Invalid value for variable",
            "detail": 'tier must be standard;\ngot "gold".\n\nThis was checked by the validation rule at a.tf:3,3-13.',
            "range": {
                "filename": "main.tf",
                "start": {"line": 13, "column": 3, "byte": 200},
                "end": {"line": 13, "column": 9, "byte": 206},
            },
        },
        "type": "diagnostic",
    }
)
DIAGNOSED = ["main.tf:13: ", 'Invalid value for variable: tier must be standard; got "gold"']


def failing(subcommand: str) -> str:
    """A Terraform whose one subcommand fails as the real one would say it."""
    return f"if [ \"$1\" = {subcommand} ]; then\ncat <<'END'\n{DIAGNOSTIC}\nEND\nexit 1\nfi"


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run")], ids=["new", "dry-run"])
@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_terraform_fails_before_anything_is_written(used: World, subcommand: str, command: tuple[str, ...]) -> None:
    used.shim(failing(subcommand))
    done = used.refused(*command, code=1, says=[f"terraform {subcommand}", *DIAGNOSED])
    assert "This was checked by" not in done.err


def test_terraform_fails_under_doctor(used: World) -> None:
    """What could not be read is said in place, and is no drift."""
    used.shim(failing("plan"))
    before = used.tree()
    done = used.run("doctor", "base-api")
    assert done.code == 1
    assert "terraform plan" in done.out
    assert all(text in done.out for text in DIAGNOSED)
    assert used.tree() == before


def failed_run(world: World, says: Says) -> str:
    """A `new` that fails on its way; gives the run that its message names."""
    done = world.run(*NEW)
    assert done.code == 1, done.err
    assert not [text for text in says if text not in done.message], done.message
    assert list(world.tmp.iterdir()) == []
    run = run_id(done.message)
    assert (world.home / "runs" / f"{run}.ndjson").is_file()
    assert world.run("runs", "show", run).out.startswith(f"{run}  failed")
    return run


def test_terraform_fails_to_apply_and_the_run_is_resumed(used: World) -> None:
    used.shim(failing("apply"))
    run = failed_run(used, ["terraform apply", *DIAGNOSED])
    again = used.run("resume", run)
    assert (again.code, run_id(again.message)) == (1, run)
    (used.bin / "terraform").unlink()
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


def test_terraform_fails_to_apply_and_the_run_is_undone(used: World) -> None:
    before = used.tree()
    used.shim(failing("apply"))
    run = failed_run(used, ["terraform apply", *DIAGNOSED])
    (used.bin / "terraform").unlink()
    assert used.run("undo", run, "--yes").code == 0
    assert used.traces("new-api") == []
    assert [path for path in changed(before, used.tree()) if "/objects" not in path] == [f"home/runs/{run}.ndjson"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        row("syntax", "locals {\n  golden_path = {\n", ["terraform init", "release.tf:"]),
        row(
            "reference",
            'locals {\n  golden_path = { name = "service", version = "1" }\n  x = local.nope\n}\n',
            ["release.tf:3", "terraform ", "nope"],
        ),
        row(
            "condition",
            'locals {\n  golden_path = { name = "service", version = "1" }\n}\n'
            'resource "terraform_data" "x" {\n  lifecycle {\n    precondition {\n      condition = var.tier == "x"\n'
            '      error_message = "Not today."\n    }\n  }\n}\n',
            ["release.tf:7", "terraform plan", "Not today"],
        ),
    ],
)
def test_a_module_is_broken(used: World, content: str, says: Says) -> None:
    tag = used.git("platform-modules", "for-each-ref", "--format=%(refname)", "refs/tags")
    used.overwrite("platform-modules", tag, "service/release.tf", content.encode())
    used.refused(*NEW, code=1, says=says)


def test_a_module_fails_halfway_through(used: World) -> None:
    """The real Terraform leaves a state with half of the resources; undo destroys them, resume makes the rest."""
    tag = used.git("platform-modules", "for-each-ref", "--format=%(refname)", "refs/tags")
    content = used.git("platform-modules", "show", f"{tag}:service/release.tf")
    fails = f'test -e "{used.root}/mended"'
    failing_ = f'resource "terraform_data" "x" {{\n  provisioner "local-exec" {{\n    command = {json.dumps(fails)}\n'
    used.overwrite("platform-modules", tag, "service/release.tf", f"{content}\n{failing_}  }}\n}}\n".encode())
    run = failed_run(used, ["terraform apply", "local-exec provisioner error", "release.tf:"])
    assert used.state("new-api").is_file()
    assert used.run("undo", run, "--yes").code == 0
    assert used.traces("new-api") == []
    run = failed_run(used, ["terraform apply"])
    (used.root / "mended").touch()
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


def sleeping(world: World, subcommand: str) -> str:
    """A Terraform whose one subcommand says that it has begun, and hangs."""
    return f'if [ "$1" = {subcommand} ]; then\necho $$ > "{world.root}/asleep"\nexec sleep 300\nfi'


def asleep(world: World) -> int:
    """The process that hangs, once it does."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (world.root / "asleep").exists() and (text := (world.root / "asleep").read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise AssertionError("Terraform was never started")


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_terraform_hangs_before_anything_is_written(used: World, subcommand: str) -> None:
    seconds = {"init": 1, "plan": 3}[subcommand]
    used.write_platform(f"schema: 1\norganisation: local\nterraform: {{timeout_seconds: {seconds}}}\n")
    used.shim(sleeping(used, subcommand))
    (used.root / "asleep").touch()
    before = used.tree()
    done = used.run(*NEW)
    assert done.code == 1
    assert f"terraform {subcommand} did not end within {seconds} seconds" in done.message
    assert "terraform.timeout_seconds in platform.yaml" in done.message
    assert changed(before, used.tree()) == ["asleep"]
    assert not is_running(asleep(used))


def test_terraform_hangs_while_it_applies(used: World) -> None:
    used.write_platform("schema: 1\norganisation: local\nterraform: {timeout_seconds: 5}\n")
    used.shim(sleeping(used, "apply"))
    run = failed_run(used, ["terraform apply did not end within 5 seconds", "terraform.timeout_seconds"])
    assert not is_running(asleep(used))
    (used.bin / "terraform").unlink()
    assert used.run("resume", run).code == 0


# Files that are damaged


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("yaml", "terraform: a: b  # here\n", ["YAML"]),
        row("tab", "ci:\n\tattest: true  # here\n", ["YAML"]),
        row("twice", "schema: 1  # here\n", ["'schema'", "second time"]),
        row("type", "terraform:\n  timeout_seconds: soon  # here\n", ["timeout_seconds", "integer"]),
        row("section", "terraform: fast  # here\n", ["terraform", "object"]),
        row("boolean", "ci: {attest: 'yes'}  # here\n", ["ci.attest", "boolean"]),
        row("low", "terraform: {timeout_seconds: 0}  # here\n", ["timeout_seconds", "0"]),
        row("tool", "terraform: {tool: pulumi}  # here\n", ["terraform.tool", "'pulumi'", "tofu"]),
        row("registry", "registry: Example.com/  # here\n", ["registry", "lower case"]),
        row("teams", "teams: payments  # here\n", ["teams", "array"]),
        row("team", "teams:\n  - name: Payments  # here\n", ["'slug' is missing"]),
        row("golden paths", "golden_paths: paths  # here\n", ["golden_paths", "array"]),
        row("paging", "teams:\n  - slug: payments\n    paging: R0KEYKEYKEY  # here\n", ["paging", "env:NAME"]),
        row(
            "key",
            "forg: {kind: local}  # here\n",
            ["'forg'", "forge"],
        ),
        row(
            "nested key",
            "terraform:\n  tool: any\n  timeout: 3  # here\n",
            ["'timeout'", "timeout_seconds"],
        ),
        row(
            "default",
            "defaults:\n  tier: gold  # here\n",
            ["tier", "'gold'"],
        ),
        row(
            "golden paths that are not there",
            "golden_paths: [nowhere]  # here\n",
            ["nowhere"],
        ),
        row(
            "same team twice",
            "teams:\n  - slug: payments\n  - slug: payments  # here\n",
            ["payments"],
        ),
        row("itself", "defaults: &a {x: *a}  # here\n", []),
        row("forge", "forge: {kind: nope}  # here\n", ["nope", "local"]),
    ],
)
def test_a_platform_yaml_that_cannot_be_used(used: World, tmp_path: Path, text: str, says: Says) -> None:
    """The line that is wrong carries the comment `# here`; the message names it."""
    file = tmp_path / "platform.yaml"
    whole = f"schema: 1\norganisation: local\n{text}"
    file.write_text(whole, encoding="utf-8")
    line = next(number for number, line in enumerate(whole.splitlines(), start=1) if "# here" in line)
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    world.refused(*NEW, code=2, says=[f"{file}:{line}: ", *says])


def test_a_paging_key_in_platform_yaml_is_not_repeated(used: World, tmp_path: Path) -> None:
    file = tmp_path / "platform.yaml"
    file.write_text("schema: 1\norganisation: local\nteams: [{slug: payments, paging: R0KEYKEYKEY}]\n")
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    done = world.refused(*NEW, "--json", code=2, says=["paging"])
    assert "R0KEYKEYKEY" not in done.err + done.out


@pytest.mark.parametrize(
    "command",
    ["path list", "runs list", "doctor base-api", "undo last --yes", "init"],
)
def test_no_command_works_with_a_broken_platform_yaml(used: World, tmp_path: Path, command: str) -> None:
    file = tmp_path / "platform.yaml"
    file.write_text("schema: 1\norganisation: [local\n")
    world = World(used.root, env={"PLATFORMCTL_PLATFORM": str(file)})
    world.refused(*command.split(), code=2, says=[f"{file}:", "not valid YAML"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        row("empty", b"", ["platform.yaml"]),
        row("text", b"x", ["platform.yaml"]),
        row("no organisation", b"schema: 1\n", ["platform.yaml:1", "'organisation' is missing"]),
        row("name", b"schema: 1\norganisation: ../x\n", ["platform.yaml:2", "organisation"]),
        row("format", b"schema: 2\norganisation: local\n", ["platform.yaml:1", "schema"]),
        row("not text", b"schema: 1\norganisation: caf\xe9\n", ["platform.yaml", "UTF-8"]),
        row("none", None, ["platform.yaml", "no such file", "PLATFORMCTL_PLATFORM"]),
    ],
)
def test_a_file_that_is_no_platform_yaml(empty: World, content: bytes | None, says: Says) -> None:
    file = empty.root / "platform.yaml"
    if content is not None:
        file.write_bytes(content)
    empty.env["PLATFORMCTL_PLATFORM"] = str(file)
    empty.refused(*NEW, code=2, says=says)


@pytest.mark.parametrize(
    "name",
    [
        "../acme",
        "a" * 40,
        "1acme",
        row("Acme", "Acme"),
    ],
)
def test_an_organisation_that_cannot_be(empty: World, name: str) -> None:
    empty.refused("init", "--organisation", name, code=2, says=["organisation", repr(name)])


def recorded(old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of the record in a service's repository."""
    return lambda content: content.replace(old.encode(), new.encode())


RECORD = "base-api/.platformctl.yaml"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        row("yaml", lambda _: b"schema: 1\nservice: [base-api\n", [f"{RECORD}:", "YAML"]),
        row("empty", lambda _: b"", [RECORD]),
        row("not text", lambda _: b"\xff\xfe", [RECORD, "UTF-8"]),
        row("not a record", lambda _: b"- a\n", [RECORD]),
        row("key", lambda content: content + b"colour: red\n", [RECORD, "'colour'"]),
        row("format", recorded("schema: 1", "schema: 2"), [f"{RECORD}:", "schema"]),
        row("service", recorded("service: base-api", "service: new-api"), [RECORD, "'new-api'"]),
        row("path", recorded("path: service", "path: gone"), ["'gone'"]),
        row("path outside", recorded("path: service", "path: ../service"), [f"{RECORD}:", "'../service'"]),
        row("version", recorded("version: 1.0.0", "version: 7.0.0"), ["'7.0.0'", "1.0.0"]),
        row("name outside", recorded("  name: base-api", "  name: ../x"), ["the record of", "'../x'"]),
        row(
            "answer",
            recorded("tier: standard", "tier: gold"),
            [RECORD, "tier", "'gold'"],
        ),
        row(
            "unknown answer",
            recorded("tier: standard", "tear: batch"),
            [RECORD, "'tear'"],
        ),
        row(
            "name of another",
            recorded("  name: base-api", "  name: new-api"),
            [RECORD, "new-api"],
        ),
    ],
)
def test_a_record_that_cannot_be_used(used: World, change: Callable[[bytes], bytes], says: Says) -> None:
    rerecord(used, change)
    used.refused("doctor", "base-api", code=2, says=says)


def rerecord(world: World, change: Callable[[bytes], bytes]) -> None:
    """Change the record of `base-api` behind platformctl's back."""
    content = world.git("base-api", "show", "main:.platformctl.yaml") + "\n"
    world.overwrite("base-api", "refs/heads/main", ".platformctl.yaml", change(content.encode()))


@pytest.mark.parametrize("command", ["configure base-api --set visibility=private", "doctor base-api --fix"])
@pytest.mark.parametrize(
    "change",
    [
        row("yaml", lambda _: b"service: [\n"),
        row(
            "name of another",
            recorded("  name: base-api", "  name: new-api"),
        ),
    ],
)
def test_no_command_trusts_a_record(used: World, change: Callable[[bytes], bytes], command: str) -> None:
    rerecord(used, change)
    used.refused(*command.split(), "--no-input", code=2, says=[RECORD])


@pytest.mark.parametrize("content", ["service: [", "schema: 1\n", ""], ids=["yaml", "incomplete", "empty"])
def test_a_record_around_the_working_folder_cannot_be_used(empty: World, content: str) -> None:
    (empty.work / ".platformctl.yaml").write_text(content, encoding="utf-8")
    empty.refused("doctor", code=2, says=[f"{empty.work}/.platformctl.yaml:"])


def edited(number: int, old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of one line of a journal."""

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        assert old.encode() in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old.encode(), new.encode(), 1)
        return b"".join(lines)

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        row("garbage first", lambda content: b"garbage\n" + content, 1),
        row("not text", lambda content: b"\xff\n" + content, 1),
        row("a number", lambda _: b"3\n", 1),
        row("null", lambda _: b"null\n", 1),
        row("a list", lambda _: b"[]\n", 1),
        row("incomplete", lambda _: b'{"type":"run_started"}\n', 1),
        row("time", edited(1, '"at": "2', '"at": "x2'), 1),
        row("event", edited(1, '"run_started"', '"run_begun"'), 1),
        row("kind", edited(2, '"kind": "create"', '"kind": "crate"'), 2),
        row("differences", edited(2, '"differences": [', '"differences": 3, "x": ['), 2),
        row("hole", lambda content: content[:-40] + b"\0" * 20 + b"\n" + content.splitlines(True)[-1], None),
    ],
)
def test_a_damaged_journal(used: World, change: Callable[[bytes], bytes], line: int | None) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    file.write_bytes(change(file.read_bytes()))
    where = f"{file}:{line}: " if line else f"{file}:"
    used.refused("runs", "show", file.stem, code=2, says=[where, "this journal is damaged"])


@pytest.mark.parametrize("command", ["undo --yes", "resume", "runs list --service base-api"])
def test_no_command_trusts_a_damaged_journal(used: World, command: str) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    file.write_bytes(b"garbage\n" + file.read_bytes())
    which = [] if command.startswith("runs") else [file.stem]
    used.refused(*command.split(), *which, code=2, says=[f"{file}:1: this journal is damaged"])


def test_a_journal_without_its_beginning(used: World) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[1:-1]))
    used.refused("resume", file.stem, code=2, says=[str(file), "damaged"])


def without(*keys: str) -> Callable[[dict[str, Any]], object]:
    return lambda plan: {key: value for key, value in plan.items() if key not in keys}


def having(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda plan: {**plan, **values}


@pytest.fixture(scope="module")
def plan_file(with_service: Pristine) -> dict[str, Any]:
    """A plan that was saved, read back."""
    used = with_service.restored()
    assert used.run("plan", *NEW[1:], "-o", "x.plan").code == 0
    data: dict[str, Any] = json.loads((used.work / "x.plan").read_text(encoding="utf-8"))
    (used.work / "x.plan").unlink()
    return data


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        row("empty", lambda _: b"", 2, ["not a plan", "platformctl plan"]),
        row("garbage", lambda _: b"garbage", 2, ["not a plan"]),
        row("not text", lambda _: b"\xff\xfe\0", 2, ["not a plan"]),
        row("half", lambda plan: json.dumps(plan)[:200].encode(), 2, ["not a plan"]),
        row("a list", lambda _: [], 2, ["not a plan"]),
        row("a number", lambda _: 3, 2, ["not a plan"]),
        row("null", lambda _: None, 2, ["not a plan"]),
        row("deep", lambda _: b"[" * 100_000, 2, ["not a plan"]),
        row("format", having(schema=2), 2, ["format 2"]),
        row("no service", without("service"), 2, ["damaged", "'service'"]),
        row("no answers", without("answers"), 2, ["damaged", "'answers'"]),
        row("service", having(service=3), 2, ["damaged", "'service'"]),
        row("changes", having(changes={}), 2, ["damaged", "'changes'"]),
        row("changes text", having(changes=["x"]), 2, ["damaged"]),
        row("changes empty", having(changes=[{}]), 2, ["damaged"]),
        row("path", having(path="gone"), 2, ["'gone'"]),
        row("path outside", having(path="../service"), 2, ["'../service'"]),
        row("version", having(version="7.0.0"), 2, ["'7.0.0'"]),
        row("answer", having(answers={"name": "new-api", "team": "payments", "tier": "gold"}), 2, ["'gold'"]),
        row("answers empty", having(answers={}), 2, ["'new-api'", "None"]),
        row("observed", having(observed={}), 1, ["Nothing was written", "Make a new plan"]),
        row("changes none", having(changes=[]), 1, ["Nothing was written", "Make a new plan"]),
        row(
            "service outside",
            having(service="../x"),
            2,
            ["'../x'"],
        ),
        row(
            "service of another",
            having(service="base-api"),
            2,
            ["base-api", "new-api"],
        ),
    ],
)
def test_a_damaged_plan(
    used: World, plan_file: dict[str, Any], change: Callable[[dict[str, Any]], object], code: int, says: Says
) -> None:
    made = change(plan_file)
    (used.work / "x.plan").write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
    used.refused("apply", "x.plan", "--no-input", code=code, says=says)


def test_a_plan_that_was_not_damaged(used: World, plan_file: dict[str, Any]) -> None:
    """What the table above breaks one piece of."""
    (used.work / "x.plan").write_text(json.dumps(plan_file), encoding="utf-8")
    assert used.run("apply", "x.plan", "--no-input").code == 0


@pytest.mark.parametrize(
    "content",
    [
        row("empty", b""),
        row("garbage", b"garbage"),
        row("half", None),
        row("a list", b"[]"),
        row("no lineage", b'{"version": 4, "serial": 1}'),
        row("not text", b"\xff\xfe"),
    ],
)
def test_a_damaged_terraform_state_is_left_as_it_is(used: World, content: bytes | None) -> None:
    file = used.state("base-api")
    file.write_bytes(file.read_bytes()[:300] if content is None else content)
    used.refused("doctor", "base-api", code=2, says=[f"{file}: this Terraform state is damaged; it is left as it is"])


@pytest.mark.parametrize("command", ["configure base-api --set tier=batch", "doctor base-api --fix", "undo last --yes"])
def test_no_command_works_on_a_damaged_terraform_state(used: World, command: str) -> None:
    file = used.state("base-api")
    file.write_bytes(b"")
    done = used.run(*command.split())
    assert done.code == 2
    assert f"{file}: this Terraform state is damaged; it is left as it is" in done.message
    assert file.read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"], ids=["empty", "a list", "no owner", "not text"])
@pytest.mark.parametrize("name", ["base-api-staging/workspace.json", "base-api.git/platformctl.json"])
def test_a_damaged_mark(used: World, name: str, content: bytes) -> None:
    file = next(used.home.rglob(name))
    file.write_bytes(content)
    used.refused("doctor", "base-api", code=2, says=[str(file), "damaged"])


# The home folder


@pytest.mark.parametrize("command", [NEW, ("path", "list"), ("init",)], ids=["new", "path", "init"])
def test_a_home_of_a_newer_version(used: World, command: tuple[str, ...]) -> None:
    (used.home / "version").write_text("99\n")
    says = [str(used.home), "newer platformctl", "format 99", "Upgrade platformctl"]
    used.refused(*command, code=2, says=says)


@pytest.mark.parametrize("content", [b"x", b"", b"\xff", b"1 2"], ids=ascii)
def test_a_folder_that_is_no_home(empty: World, content: bytes) -> None:
    empty.home.mkdir()
    (empty.home / "version").write_bytes(content)
    empty.refused(*NEW, code=2, says=["not a platformctl home folder", "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run"), ("runs", "list")], ids=["new", "dry-run", "runs"])
def test_the_home_is_a_file(empty: World, command: tuple[str, ...]) -> None:
    empty.home.write_text("mine")
    empty.refused(*command, code=2, says=[str(empty.home), "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run"), ("runs", "list")], ids=["new", "dry-run", "runs"])
def test_the_home_is_below_a_file(empty: World, command: tuple[str, ...]) -> None:
    (empty.root / "file").write_text("mine")
    empty.env["PLATFORMCTL_HOME"] = str(empty.root / "file" / "home")
    empty.refused(*command, code=2, says=[str(empty.root / "file"), "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("name", ["runs", "locks", "forge", "terraform"])
def test_a_file_where_a_folder_of_the_home_should_be(empty: World, name: str) -> None:
    empty.home.mkdir()
    (empty.home / name).write_text("mine")
    before = empty.tree()
    done = empty.run(*NEW)
    assert done.code in (1, 2), done.err
    assert str(empty.home / name) in done.message
    assert (empty.home / name).read_text() == "mine"
    assert list(empty.tmp.iterdir()) == []
    assert {path for path in changed(before, empty.tree()) if not path.startswith("home/")} == set()


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own, for as long as the block runs; skips where nobody may mount one."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip() if done else 'there is no mount'}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.parametrize("size", ["16k", "64k", "256k"])
def test_the_home_is_full(empty: World, size: str) -> None:
    """It fails in one line, and with room again the same command finishes."""
    with mounted(empty.home, f"size={size}"):
        done = empty.run(*NEW)
        assert (done.code, run_id(done.message) != "") == (1, True)
        assert list(empty.tmp.iterdir()) == []
        remount(empty.home, "size=64m")
        assert empty.run(*NEW).code == 0
        assert empty.run("doctor", "new-api").code == 0


def test_the_cache_is_full(empty: World) -> None:
    (empty.home / "cache").mkdir(parents=True)
    with mounted(empty.home / "cache", "size=64k"):
        done = empty.run(*NEW)
        assert done.code == 0, done.err


def test_the_temporary_folder_is_full(used: World) -> None:
    before = used.tree()
    with mounted(used.tmp, "size=16k"):
        done = used.run(*NEW)
        assert done.code == 1, done.err
        assert done.message
        assert list(used.tmp.iterdir()) == []
    assert changed(before, used.tree()) == []


@pytest.mark.parametrize(
    "size",
    [
        200,
        4_000,
        row("20000", 20_000),
    ],
)
def test_files_may_not_grow(used: World, size: int) -> None:
    """A limit on a file's size stands in for a disk that is full, also where nothing can be mounted."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    done = used.run(*NEW, preexec_fn=limit)
    assert done.code == 1, done.err
    assert done.message
    assert list(used.tmp.iterdir()) == []
    assert used.run(*NEW).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize("command", [NEW, ("init",), ("undo", "last", "--yes")], ids=["new", "init", "undo"])
def test_the_home_is_read_only(used: World, command: tuple[str, ...]) -> None:
    kept = used.home.rename(used.root / "kept")
    with mounted(used.home, "size=64m"):
        shutil.copytree(kept, used.home, symlinks=True, dirs_exist_ok=True)
        remount(used.home, "ro")
        used.refused(*command, code=1, says=[str(used.home), "Read-only file system"])


def test_looking_at_a_home_that_is_read_only(empty: World) -> None:
    with mounted(empty.home, "size=64m"):
        assert empty.run(*NEW).code == 0
        remount(empty.home, "ro")
        for command in ("path list", "runs list", "runs show last", "doctor new-api"):
            done = empty.run(*command.split())
            assert done.code == 0, f"{command}: {done.err}"


# Stopping


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_stopped_while_terraform_applies(used: World, stop: signal.Signals) -> None:
    """Ctrl-C reaches the whole process group, as it does at a terminal."""
    used.shim(sleeping(used, "apply"))
    with used.start(*NEW, start_new_session=True) as process:
        child = asleep(used)
        os.killpg(process.pid, stop)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert "stopped" in done.message
    assert not is_running(child)
    assert list(used.tmp.iterdir()) == []
    (used.bin / "terraform").unlink()
    run = run_id(done.message)
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


def test_stopped_and_undone(used: World) -> None:
    used.shim(sleeping(used, "apply"))
    with used.start(*NEW, start_new_session=True) as process:
        asleep(used)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process, timeout=30)
    (used.bin / "terraform").unlink()
    assert used.run("undo", run_id(done.message), "--yes").code == 0
    assert used.traces("new-api") == []


def test_stopped_while_a_step_can_end_by_itself(used: World) -> None:
    """A signal to platformctl alone lets the step that is running end, and starts no other."""
    began = used.root / "began"
    used.shim(f'if [ "$1" = apply ]; then\ntouch "{began}"\nsleep 1\nfi')
    with used.start(*NEW, start_new_session=True) as process:
        while not began.exists():
            time.sleep(0.02)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert used.state("new-api").is_file()
    assert used.run("resume", run_id(done.message)).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_stopped_while_planning(used: World, subcommand: str) -> None:
    used.shim(sleeping(used, subcommand))
    (used.root / "asleep").touch()
    before = used.tree()
    with used.start(*NEW, start_new_session=True) as process:
        child = asleep(used)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert "stopped" in done.message
    assert not is_running(child)
    assert changed(before, used.tree()) == ["asleep"]


# Standard output


@pytest.mark.parametrize(
    "command",
    [
        "path list",
        "path show service",
        "runs list",
        "runs show last",
        "doctor base-api",
        "doctor base-api --json",
        "path list --json",
        "new service new-api --team payments --dry-run",
        "--help",
        "new service --help",
        row("--version", "--version"),
    ],
)
def test_nobody_reads_standard_output(used: World, command: str) -> None:
    """`platformctl path list | head -0`"""
    reading, writing = os.pipe()
    os.close(reading)
    before = used.tree()
    try:
        done = used.run(*command.split(), stdout=writing)
    finally:
        os.close(writing)
    assert "platformctl: " not in done.err
    assert done.code in (0, 1, 141), done.err
    assert used.tree() == before


def test_nobody_reads_how_far_new_is(used: World) -> None:
    """A run does not depend on who listens."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = used.run(*NEW, stdout=writing, stderr=writing)
    finally:
        os.close(writing)
    assert done.code in (0, 1, 141)
    assert used.run(*NEW).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "path list",
        "doctor base-api",
        row("json", "path list --json"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_standard_output_is_full(used: World, command: str) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        used.refused(*command.split(), code=1, says=["No space left on device"], stdout=full)
