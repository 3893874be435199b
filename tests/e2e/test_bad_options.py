"""Commands, options, values and answers files that cannot be right."""

from __future__ import annotations

import json

import pytest

from tests.e2e.sandbox import NEW, Says, World, row
from tests.newest import SERVICE as NEWEST


@pytest.mark.parametrize(
    ("command", "says"),
    [
        row("path", "new servce new-api --team payments", ["no golden path 'servce'", "service"]),
        row("path empty", ["new", "", "new-api"], ["no golden path ''"]),
        row("path outside", "new ../service new-api", ["no golden path '../service'"]),
        row("version", f"{' '.join(NEW)} --path-version 9.9.9", ["no version '9.9.9'", "It has 1.0.0, ", NEWEST]),
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
