"""What is told of a repository by its files: languages, libraries, the path that fits, answers, what stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from platformctl.adoption import fitness
from platformctl.adoption.contents import CODEOWNERS, Contents, read
from platformctl.adoption.expectations import expectations
from platformctl.adoption.fitness import Candidate, Fit, best, fit
from platformctl.adoption.inference import Around, as_text, infer, paragraph, shortened
from platformctl.adoption.keeping import DAYS, Fate, file_overrides, verdicts
from platformctl.adoption.libraries import libraries
from platformctl.adoption.pitch import text
from platformctl.drivers.http import Http
from platformctl.drivers.redis_stream import RedisStream
from platformctl.errors import BadInput

TODAY = date(2026, 12, 1)


def entry(text: str, mode: str = "100644") -> str:
    return f"{mode} {hashlib.sha1(text.encode()).hexdigest()}"


def contents(files: Mapping[str, str], modes: Mapping[str, str] | None = None) -> Contents:
    """A repository with these files."""
    given = {path: entry(text, (modes or {}).get(path, "100644")) for path, text in files.items()}
    blobs = {entry(text).split(" ")[1]: text.encode() for text in files.values()}
    return read(given, blobs.__getitem__)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.py": ""}, [("python", "1 source file")]),
        ({"go.mod": "", "a.go": "", "b.go": ""}, [("go", "go.mod and 2 source files")]),
        ({"pyproject.toml": ""}, [("python", "pyproject.toml and 0 source files")]),
        # A manifest at the top says more than many files do.
        ({"requirements-dev.txt": "", "a.py": "", "w/1.ts": "", "w/2.ts": ""}, [("python", ""), ("javascript", "")]),
        ({"package.json": "", "Gemfile": "", "a.rb": ""}, [("ruby", ""), ("javascript", "")]),
        ({"vendor/x/a.go": "", "node_modules/b.js": "", "README.md": ""}, []),
        ({"svc/go.mod": "", "svc/main.go": ""}, [("go", "1 source file")]),
    ],
)
def test_languages(files: dict[str, str], told: list[tuple[str, str]]) -> None:
    found = [(one.name, one.evidence) for one in contents(files).languages]
    assert [name for name, _ in found] == [name for name, _ in told]
    assert all(said in ("", evidence) for (_, evidence), (_, said) in zip(found, told, strict=True))


@pytest.mark.parametrize(
    ("file", "content", "named"),
    [
        ("pyproject.toml", "[project]\ndependencies = [\"Fast_API[all]>=1; python_version>'3'\"]", {"fast-api"}),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3"\nFlask = {version = "3"}', {"python", "flask"}),
        ("pyproject.toml", '[project]\ndependencies = "flask"', set()),
        ("pyproject.toml", "[project\n", set()),
        ("pyproject.toml", "a = " + "[" * 10_000, set()),
        ("requirements.txt", "# flask\n-r other.txt\n--hash=x\nredis==5 # c\n\n  uvicorn\n", {"redis", "uvicorn"}),
        ("Pipfile", '[packages]\ndjango = "*"\n[dev-packages]\npytest = "*"', {"django"}),
        ("setup.cfg", "[options]\ninstall_requires =\n  flask>=2\n  redis", {"flask", "redis"}),
        ("setup.cfg", "install_requires", set()),
        ("setup.py", "import os; os.abort()\nsetup(install_requires=['flask', \"redis>1\"])", {"flask", "redis"}),
        (
            "go.mod",
            "module a.io/x\nrequire github.com/a/b v1.0.0\nrequire (\n\tgithub.com/go-chi/chi/v5 v5.1.0\n"
            "\tgolang.org/x/sys v0.1.0 // indirect\n)\n",
            {"github.com/a/b", "github.com/go-chi/chi/v5"},
        ),
        ("package.json", '{"dependencies": {"express": "4"}}', {"express"}),
        ("package.json", "[1]", set()),
        ("package.json", "{", set()),
        ("Cargo.toml", '[dependencies]\nserde = "1"', set()),
    ],
)
def test_libraries(file: str, content: str, named: set[str]) -> None:
    assert libraries(file, content) == named


SERVICE = Candidate("service", "1.0.0", ("python", "go"), "http", Http.SIGNS)
WORKER = Candidate("worker", "1.0.0", ("python",), "redis_stream", RedisStream.SIGNS)
GO_MAIN = {"go.mod": "module x.io/y\n", "cmd/x/main.go": 'import "net/http"\nhttp.ListenAndServe(":1", nil)\n'}
STREAM = {"requirements.txt": "redis\n", "src/worker.py": "client.xreadgroup(a, b, c)\n"}


@pytest.mark.parametrize(
    ("files", "service", "worker"),
    [
        ({"requirements.txt": "fastapi\n", "main.py": ""}, 80, 40),
        ({"requirements.txt": "fastapi\nredis\n", "main.py": ""}, 80, 60),
        ({"requirements.txt": "aiohttp\n", "main.py": ""}, 60, 40),
        ({"requirements.txt": "aiohttp\n", "main.py": "web.run_app(app)"}, 80, 40),
        (STREAM, 40, 80),
        ({"requirements.txt": "celery\n", "main.py": ""}, 40, 60),
        ({"requirements.txt": "attrs\n", "main.py": ""}, 40, 40),
        (GO_MAIN, 80, 0),
        ({"go.mod": "module x.io/y\nrequire github.com/go-chi/chi/v5 v5.0.0\n", "a.go": ""}, 80, 0),
        # Tests that serve are no service, and code that came from elsewhere is not the team's.
        ({"go.mod": "module x.io/y\n", "a_test.go": "http.ListenAndServe("}, 40, 0),
        ({"go.mod": "module x.io/y\n", "vendor/a/a.go": "http.ListenAndServe("}, 40, 0),
        ({**GO_MAIN, "requirements.txt": "", "a.py": "", "b.py": ""}, 40, 40),
        ({"package.json": '{"dependencies": {"express": "4"}}', "index.js": ""}, 0, 0),
        ({"README.md": "# x\n"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_points(files: dict[str, str], service: int, worker: int) -> None:
    there = contents(files)
    assert [fit(there, one).points for one in (SERVICE, WORKER)] == [service, worker]


def test_every_point_has_its_reason() -> None:
    files = {"requirements.txt": "fastapi\n", "main.py": "", "Makefile": "", "README.md": ""}
    candidate = Candidate("service", "1.0.0", ("python",), "http", Http.SIGNS, ("Makefile", "README.md", "a", "b"))
    found = fit(contents(files), candidate)
    assert (found.points, found.reasons) == (
        90,
        (
            "python: requirements.txt and 1 source file (+40)",
            "http: requirements.txt names fastapi (+40)",
            "has 2 of its 4 files (+10)",
        ),
    )
    anything = Candidate("job", "1.0.0", (), "", Http.SIGNS)
    assert fit(contents({"a.rb": ""}), anything).reasons[1] == "the path does not say how its services get their events"


def test_a_version_that_has_a_file_elsewhere_fits_as_well() -> None:
    there = contents({"main.py": "", "CODEOWNERS": "", "README.rst": ""})
    moved = [(place, "README.md", "a", "b") for place in (".github/CODEOWNERS", "CODEOWNERS")]
    newer, older = (fit(there, replace(SERVICE, files=files)) for files in moved)
    assert newer.reasons[-1] == older.reasons[-1] == "has 2 of its 4 files (+10)"


def fits(**points: int) -> list[Fit]:
    return [Fit(*name.split("_"), number, ("why",)) for name, number in points.items()]


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        (fits(service_2=80, service_1=80, worker_1=40), "service 2"),
        (fits(service_2=80, service_1=90, worker_1=80), "service 1"),
        (fits(service_1=60), "service 1"),
        (fits(service_1=80, worker_1=80 - fitness.CLOSE - 1), "service 1"),
        (fits(service_1=80, worker_1=80 - fitness.CLOSE), r"service 1 and worker 1 fit x equally well"),
        (fits(service_1=59, worker_1=0), r"no golden path fits x \(of its 1 files, 1 were read\): .* 59 of 100 .*why"),
        ([], "this platform has no golden path"),
    ],
)
def test_the_best_is_chosen_or_nothing(given: list[Fit], chosen: str) -> None:
    there = contents({"a.py": ""})
    if " fit" in chosen or "has no" in chosen:
        with pytest.raises(BadInput, match=chosen):
            best("x", there, given)
    else:
        assert best("x", there, given).name == chosen


ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: other, description: An API}
---
kind: Component
metadata: {name: svc, description: From the catalog}
spec: {owner: "group:default/shop", dependsOn: ["component:default/known", "component:ghost", "resource:default/db", 3]}
"""


@pytest.mark.parametrize(
    ("files", "settings", "name", "value", "source"),
    [
        ({"CODEOWNERS": "* @acme/payments\n"}, {}, "team", "payments", "CODEOWNERS, the rule for *"),
        ({"CODEOWNERS": "* @bob @acme/none @acme/shop # x\n"}, {}, "team", "shop", "CODEOWNERS, the rule for *"),
        ({"CODEOWNERS": "/a @acme/shop\n# * @acme/shop\n"}, {}, "team", None, ""),
        ({"CODEOWNERS": "* @acme/none\n"}, {"topics": ["x", "team-shop"]}, "team", "shop", "topic team-shop"),
        (
            {"CODEOWNERS": "* @acme/payments\n", ".github/CODEOWNERS": "* @acme/shop\n"},
            {},
            "team",
            "shop",
            ".github/CODEOWNERS",
        ),
        ({"catalog-info.yaml": ENTITY}, {}, "team", "shop", "catalog-info.yaml, its owner"),
        ({}, {"teams": {"shop": "maintain", "security": "read"}}, "team", "shop", "the one team that may write"),
        ({}, {"teams": {"shop": "maintain", "payments": "write"}}, "team", None, ""),
        ({}, {"description": "  From\nthe forge "}, "description", "From the forge", "the repository's description"),
        ({"catalog-info.yaml": ENTITY, "README.md": "x"}, {}, "description", "From the catalog", "catalog-info.yaml"),
        ({"readme.rst": "T\n=\n\nSays it.\n"}, {"description": ""}, "description", "Says it.", "readme.rst, its first"),
        ({"README.md": "# T\n"}, {}, "description", None, ""),
        ({"catalog-info.yaml": ENTITY}, {}, "depends_on", ["known"], "as far as the catalog knows"),
        ({"catalog-info.yaml": "kind: [Component\n"}, {}, "depends_on", None, ""),
        ({"catalog-info.yaml": "kind: Component\nspec: [1]\nmetadata: 5\n"}, {}, "team", None, ""),
        ({}, {"visibility": "private"}, "visibility", "private", "the repository's setting"),
        ({}, {}, "visibility", None, ""),
        ({"go.mod": "", "x.go": ""}, {}, "language", "go", "go.mod and 1 source file"),
        ({}, {}, "name", "svc", "the repository's name"),
    ],
)
def test_answers(files: dict[str, str], settings: dict[str, Any], name: str, value: Any, source: str) -> None:
    around = Around("svc", settings, {"payments", "shop"}.__contains__, {"known", "svc"})
    there = contents(files)
    found = {one.name: one for one in infer(there, around, fitness.language_of(there, ("python", "go")))}
    assert (found[name].value if name in found else None) == value
    assert value is None or source in found[name].source


@pytest.mark.parametrize(
    ("readme", "first"),
    [
        ("# Title\n\nSays it\nin two lines.\n\nMore.\n", "Says it in two lines."),
        ("Title\n=====\n\nSays it.\n", "Says it."),
        ("Title\n-----\nSays it.\n", "Says it."),
        ("# T\n[![b](u)](v)\n![i](u)\n<p align=center>\n> quoted\n- a\n* b\n| t |\n\nIt.", "It."),
        ("# T\n\n```\ncode\n```\n\nIt.", "It."),
        ("**svc** does `x`, see [there](https://x.example/a_b).", "svc does x, see there."),
        ("", ""),
        ("# T\n```\nnever closed\n", ""),
    ],
)
def test_the_first_paragraph(readme: str, first: str) -> None:
    assert paragraph(readme) == first


def test_text_for_people() -> None:
    assert shortened("one two  three", 9) == "one two…" and shortened(" a  b ", 9) == "a b"
    assert len(shortened("x" * 500, 350)) == 350
    assert as_text({"a": 1, "b": [2, "x\ny"]}) == "a 1, b 2, x y" and as_text([]) == as_text({}) == "none"


PATH = {
    ".platformctl.yaml": ("managed", "record"),
    ".github/workflows/ci.yml": ("managed", "ci"),
    ".dockerignore": ("merged", "*\n!app\n"),
    "CODEOWNERS": ("managed", "* @acme/payments\n"),
    "Dockerfile": ("merged", "COPY app app\nCOPY go.sum .\n"),
    "Makefile": ("merged", "test: x\n\nlint:\nX := 1\n"),
    "README.md": ("merged", "# app\n"),
    "app/main.py": ("merged", "main"),
    "app/openapi.json": ("seeded", "{}"),
    "app/telemetry/logs.py": ("managed", "logs"),
    "docs/runbook.md": ("merged", "see app"),
    "notes.txt": ("seeded", "x"),
    "pyproject.toml": ("merged", "[project]\n"),
}


def decide(files: dict[str, str], modes: dict[str, str] | None = None) -> Any:
    wanted = {path: entry(content) for path, (_, content) in PATH.items()}
    there = contents(files, modes)
    return there, verdicts(there, wanted, {path: kind for path, (kind, _) in PATH.items()}, "python")


A, E, T, L = Fate.ADDED, Fate.EQUAL, Fate.TEAM, Fate.LEFT_OUT


@pytest.mark.parametrize(
    ("files", "fates"),
    [
        ({"x.txt": ""}, {"app/main.py": A, "pyproject.toml": A, "Dockerfile": A, ".dockerignore": A}),
        (
            {"src/x.py": ""},
            {"app/main.py": L, "app/openapi.json": L, "app/telemetry/logs.py": L, "pyproject.toml": L, "Dockerfile": A},
        ),
        # Code that is all the path's own is no application of the team's.
        ({"app/main.py": "main"}, {"app/main.py": E, "app/telemetry/logs.py": A}),
        ({"app/main.py": "main", "x.py": ""}, {"app/main.py": E, "app/telemetry/logs.py": L}),
        ({"Containerfile": ""}, {"Dockerfile": T, ".dockerignore": L}),
        (
            {"README.rst": "", "GNUmakefile": "", ".github/CODEOWNERS": ""},
            {"README.md": T, "Makefile": T, "CODEOWNERS": T},
        ),
        ({".github/workflows/ci.yaml": ""}, {".github/workflows/ci.yml": T}),
        ({".github/workflows/build.yml": ""}, {".github/workflows/ci.yml": A}),
        ({"docs": ""}, {"docs/runbook.md": T}),
        ({"notes.txt/x": ""}, {"notes.txt": T}),
        ({"notes.txt": "theirs"}, {"notes.txt": T}),
        ({"vendor/a.py": ""}, {"app/main.py": A}),
    ],
)
def test_what_becomes_of_each_file(files: dict[str, str], fates: dict[str, Fate]) -> None:
    found = {one.path: one.fate for one in decide(files)[1]}
    assert {path: found[path] for path in fates} == fates and found[".platformctl.yaml"] is A


@pytest.mark.parametrize("path", CODEOWNERS)
@pytest.mark.parametrize("there", CODEOWNERS)
def test_owners_are_the_same_wherever_they_are_named(path: str, there: str) -> None:
    assert contents({there: "* @acme/shop\n"}).like(path) == there


def test_a_file_with_another_mode_is_the_teams() -> None:
    found = {one.path: one.fate for one in decide({"Makefile": PATH["Makefile"][1]}, {"Makefile": "100755"})[1]}
    assert found["Makefile"] is T


@pytest.mark.parametrize(
    ("files", "given"),
    [
        ({"x.txt": ""}, {}),
        ({"src/x.py": ""}, {"app/*": True, "pyproject.toml": False}),
        # What is there already as the path has it is not given away with its folder.
        (
            {"app/main.py": "main", "x.py": ""},
            {"app/openapi.json": False, "app/telemetry/logs.py": True, "pyproject.toml": False},
        ),
        ({"app/main.py": "theirs"}, {"app/*": True, "pyproject.toml": False}),
        ({"notes.txt": "theirs", "Dockerfile": "theirs"}, {"Dockerfile": False, ".dockerignore": False}),
        ({"CODEOWNERS": "theirs"}, {"CODEOWNERS": True}),
    ],
)
def test_what_stays_is_an_override_and_ends_where_the_platform_keeps_it(
    files: dict[str, str], given: dict[str, bool]
) -> None:
    found = list(file_overrides(decide(files)[1], "payments", TODAY))
    assert {one.file: one.until is not None for one in found} == given
    assert {one.until for one in found} <= {None, date(2027, 3, 1)} and DAYS == 90
    assert all(one.why.startswith("Adopted as it was: ") and one.decided_by == "payments" for one in found)


WATCHED = (
    "what is watched comes from files that are left out, such as app/telemetry/logs.py: until the application gives "
    "the same metrics, the dashboard stays empty and alerts on missing metrics fire"
)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"x.txt": ""}, []),
        (
            {"src/x.py": ""},
            [
                ".dockerignore is written for app, which this repository does not have: adapt it",
                "Dockerfile is written for app, which this repository does not have: adapt it",
                WATCHED,
            ],
        ),
        ({"app/x.py": "", "makefile": "test:\n"}, ["makefile lacks targets that the path's has: lint", WATCHED]),
        ({"Makefile": "test:\n\nlint: test\n"}, []),
    ],
)
def test_what_has_to_be_looked_at(files: dict[str, str], said: list[str]) -> None:
    there, decided = decide(files)
    rendered = {path: content.encode() for path, (_, content) in PATH.items()}
    assert list(expectations(there, decided, rendered)) == said


def test_links_submodules_and_other_peoples_code_are_not_read() -> None:
    files = {"README.md": "x", "setup.py": "y", "vendor/a.py": "z", "a.py": "", **{f"b{n}.py": "" for n in range(99)}}
    there = contents(files, {"README.md": "120000", "setup.py": "160000"})
    assert not {"README.md", "setup.py", "vendor/a.py"} & {*there.texts} and len(there.texts) == 20


def test_names_that_are_no_text_are_kept_and_not_told() -> None:
    files = {"requirements\udcff.txt": "flask\n", "a\udcff.py": "web.run_app(", "README.\udcff": "It.\n", "go.mod": ""}
    there, decided = decide(files)
    assert [one.name for one in there.languages] == ["go"] and [*there.texts] == ["go.mod"]
    stands = {one.path: one.to_json()["stands"] for one in decided}
    assert stands["README.md"] == "README.?" and str(stands).encode()
    assert next(one.why for one in file_overrides(decided, "me", TODAY) if one.file == "README.md").encode()


def test_text_from_people_is_no_markup_in_a_pull_request() -> None:
    around = Around("svc", {"description": "x\n# h\u2028<b> @all"}, lambda _: False)
    answers = list(infer(contents({}), around, ""))
    body = text("svc", fits(service_1=80), answers, (), ["a\n# b"], ["c\n* d"])
    marked = [line for line in body.splitlines() if any(word in line for word in ("# h", "@all", "# b", "* d"))]
    assert len(marked) == 3 and all(line.startswith("    ") for line in marked)
