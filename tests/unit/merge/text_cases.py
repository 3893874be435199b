"""One file merged three ways, as data: what came before, what the team made of it, what the new version is."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Case:
    """`merged` is the whole result, markers included where there is a conflict."""

    name: str
    path: str
    base: str
    ours: str
    theirs: str
    merged: str
    conflict: bool = False


def case(name: str, path: str, base: str, ours: str, theirs: str, merged: str, *, conflict: bool = False) -> Case:
    """A case whose texts are indented as they stand in this file."""
    return Case(name, path, *(dedent(text).removeprefix("\n") for text in (base, ours, theirs, merged)), conflict)


DEPENDENCIES = """
[project]
name = "payments-api"
dependencies = [
    "fastapi>=0.165,<1",
    "uvicorn>=0.54,<1",
]
"""

GO_MOD = "module x\n\n{}\n\nrequire (\n{})\n\nrequire (\n{})\n"

LINES = [
    case(
        "changes far apart",
        "Makefile",
        "a:\n\tx\n\nb:\n\ty\n\nc:\n\tz\n",
        "a:\n\tx --mine\n\nb:\n\ty\n\nc:\n\tz\n",
        "a:\n\tx\n\nb:\n\ty\n\nc:\n\tz --new\n",
        "a:\n\tx --mine\n\nb:\n\ty\n\nc:\n\tz --new\n",
    ),
    case(
        "changes of one line",
        "app/main.py",
        "one\ntwo\nthree\n",
        "one\nours\nthree\n",
        "one\ntheirs\nthree\n",
        "one\n<<<<<<< the service\nours\n||||||| before\ntwo\n=======\ntheirs\n>>>>>>> the golden path\nthree\n",
        conflict=True,
    ),
    case(
        "a heading that looks like a marker",
        "docs/git.rst",
        "Conflicts\n=======\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n\nend\n",
        "Conflicts\n=======\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n\nthe end\n",
        "Merge conflicts\n=======\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n\nend\n",
        "Merge conflicts\n=======\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n\nthe end\n",
    ),
]

YAML = [
    case(
        "neighbours, comments and a list that both sides add to",
        "a.yaml",
        """
        a: 1
        b: 2
        c:
          - x
        """,
        """
        a: 1
        b: 3  # ours
        c:
          - x
          - ours
        """,
        """
        a: 5
        b: 2
        c:
          - x
          - theirs
        d: 4
        """,
        """
        a: 5
        b: 3  # ours
        c:
          - x
          - ours
          - theirs
        d: 4
        """,
    ),
    case(
        "steps of a workflow: a pin with its comment, a step put in, a job",
        ".github/workflows/service.yml",
        """
        on: push
        jobs:
          # checks
          test:
            runs-on: ubuntu-22.04
            steps:
              - uses: actions/checkout@aaa # v4
              - name: Test
                run: |
                  make test
        """,
        """
        on: push
        jobs:
          # checks
          test:
            runs-on: ubuntu-22.04
            timeout-minutes: 5
            steps:
              - uses: actions/checkout@aaa # v4
              # ours
              - name: Cache
                uses: actions/cache@ccc
              - name: Test
                run: |
                  make test
        """,
        """
        on: push
        jobs:
          # checks
          test:
            runs-on: ubuntu-24.04
            steps:
              - uses: actions/checkout@bbb # v5
              - name: Test
                run: |
                  make check

          scan:
            runs-on: ubuntu-24.04
        """,
        """
        on: push
        jobs:
          # checks
          test:
            runs-on: ubuntu-24.04
            timeout-minutes: 5
            steps:
              - uses: actions/checkout@bbb # v5
              # ours
              - name: Cache
                uses: actions/cache@ccc
              - name: Test
                run: |
                  make check

          scan:
            runs-on: ubuntu-24.04
        """,
    ),
    case(
        "a value that both changed, beside one that only one did",
        "k8s/deployment.yaml",
        """
        spec:
          replicas: 1
          image: a
          paused: false
        """,
        """
        spec:
          replicas: 3
          image: a
          paused: true
        """,
        """
        spec:
          replicas: 2
          image: b
          paused: false
        """,
        """
        spec:
        <<<<<<< the service
          replicas: 3
        ||||||| before
          replicas: 1
        =======
          replicas: 2
        >>>>>>> the golden path
          image: b
          paused: true
        """,
        conflict=True,
    ),
    case(
        "a list in brackets",
        "a.yaml",
        "on:\n  push: {branches: [main]}\n",
        "on:\n  push: {branches: [main, trunk]}\n",
        "on:\n  push: {branches: [main, 'release/*'], tags: [v1]}\n",
        "on:\n  push: {branches: [main, trunk, 'release/*'], tags: [v1]}\n",
    ),
    case(
        "a list that the team has indented",
        "a.yaml",
        """
        spec:
          containers:
          - name: app
            image: a
          # a sidecar
          - name: proxy
            image: b
        """,
        """
        spec:
            containers:
              - name: app
                image: a
              # a sidecar
              - name: proxy
                image: b
        """,
        """
        spec:
          containers:
          - name: app
            image: c
          # a sidecar
          - name: proxy
            image: b
          - name: new
            args:
            - x
        """,
        """
        spec:
            containers:
              - name: app
                image: c
              # a sidecar
              - name: proxy
                image: b
              - name: new
                args:
                - x
        """,
    ),
    case(
        "an entry that one took out and the other changed",
        "a.yaml",
        "a: 1\nb: {c: 1}\nd: 1\n",
        "a: 1\nd: 1\n",
        "a: 1\nb: {c: 2}\nd: 2\n",
        "a: 1\n<<<<<<< the service\n||||||| before\nb: {c: 1}\n=======\nb: {c: 2}\n>>>>>>> the golden path\nd: 2\n",
        conflict=True,
    ),
    case(
        "a job that the team has renamed",
        "a.yaml",
        "jobs:\n  test:\n    runs-on: x\n    timeout: 5\n    steps: [a]\n",
        "jobs:\n  unit-tests:\n    runs-on: x\n    timeout: 5\n    steps: [a]\n",
        "jobs:\n  test:\n    runs-on: y\n    timeout: 5\n    steps: [a]\n",
        "jobs:\n  unit-tests:\n    runs-on: y\n    timeout: 5\n    steps: [a]\n",
    ),
    case(
        "anchors, aliases and tags stay as they are written",
        "a.yaml",
        "x: &x\n  a: 1\n  b: 2\ny:\n  <<: *x\n  c: !reference [a]\n",
        "x: &x\n  a: 1\n  b: 3\ny:\n  <<: *x\n  c: !reference [a]\n",
        "x: &x\n  a: 2\n  b: 2\ny:\n  <<: *x\n  c: !reference [a]\nz: *x\n",
        "x: &x\n  a: 2\n  b: 3\ny:\n  <<: *x\n  c: !reference [a]\nz: *x\n",
    ),
    case(
        "several documents",
        "k8s/all.yaml",
        "kind: A\nmetadata: {name: a}\nn: 1\n---\nkind: B\nmetadata: {name: b}\nn: 1\nm: 1\n",
        "kind: A\nmetadata: {name: a}\nn: 1\n---\nkind: B\nmetadata: {name: b}\nn: 2\nm: 1\n",
        "kind: A\nmetadata: {name: a}\nn: 3\n---\nkind: B\nmetadata: {name: b}\nn: 1\nm: 3\n---\nkind: C\n",
        "kind: A\nmetadata: {name: a}\nn: 3\n---\nkind: B\nmetadata: {name: b}\nn: 2\nm: 3\n---\nkind: C\n",
    ),
    case(
        "a template that is no YAML is merged by lines",
        "chart/templates/a.yaml",
        "a: 1\n{{- if .x }}\nb: 1\n{{- end }}\nc: 1\n",
        "a: 2\n{{- if .x }}\nb: 1\n{{- end }}\nc: 1\n",
        "a: 1\n{{- if .x }}\nb: 1\n{{- end }}\nc: 2\n",
        "a: 2\n{{- if .x }}\nb: 1\n{{- end }}\nc: 2\n",
    ),
    case(
        "a name that both added, which lines would say twice",
        "a.yaml",
        "a: 1\nb: 1\nc: 1\n",
        "new: ours\na: 1\nb: 1\nc: 1\n",
        "a: 1\nb: 1\nc: 1\nnew: theirs\n",
        "<<<<<<< the service\nnew: ours\n||||||| before\n=======\nnew: theirs\n>>>>>>> the golden path\n"
        "a: 1\nb: 1\nc: 1\n",
        conflict=True,
    ),
    case(
        "arguments of a command have an order",
        "a.yaml",
        "args: [--port, '80']\n",
        "args: [--port, '80', --workers, '4']\n",
        "args: [--port, '80', --timeout, '4']\n",
        "<<<<<<< the service\nargs: [--port, '80', --workers, '4']\n||||||| before\nargs: [--port, '80']\n"
        "=======\nargs: [--port, '80', --timeout, '4']\n>>>>>>> the golden path\n",
        conflict=True,
    ),
    case(
        "a script of several lines",
        "a.yaml",
        "run: |\n  one\n  two\n  three\n  four\nif: a\n",
        "run: |\n  one\n  two\n  three\n  five\nif: a\n",
        "run: |\n  zero\n  two\n  three\n  four\nif: b\n",
        "run: |\n  zero\n  two\n  three\n  five\nif: b\n",
    ),
    case(
        "a step whose version the path bumps and that the team has given something",
        "a.yaml",
        "steps:\n- uses: a/checkout@v4\n- uses: a/setup@v1\n- run: make\n",
        "steps:\n- uses: a/checkout@v4\n  with: {depth: 0}\n- uses: a/setup@v1\n- run: make\n",
        "steps:\n- uses: a/checkout@v5\n- uses: a/setup@v2\n- run: make\n",
        "steps:\n- uses: a/checkout@v5\n  with: {depth: 0}\n- uses: a/setup@v2\n- run: make\n",
    ),
    case(
        "a step that the team has given a name, and the path another version",
        "a.yaml",
        "steps:\n- name: Check out\n  uses: a/checkout@v4\n- run: make\n",
        "steps:\n- name: Fetch\n  uses: a/checkout@v4\n- run: make\n",
        "steps:\n- name: Check out\n  uses: a/checkout@v5\n- run: make\n",
        "steps:\n- name: Fetch\n  uses: a/checkout@v5\n- run: make\n",
    ),
    case(
        "a folded text of which each changed another line",
        "a.yaml",
        "if: >-\n  one\n  && two\n  && three\n  && four\n",
        "if: >-\n  ours\n  && two\n  && three\n  && four\n",
        "if: >-\n  one\n  && two\n  && three\n  && theirs\n",
        "if: >-\n  ours\n  && two\n  && three\n  && theirs\n",
    ),
    case(
        "an item that both replaced, each in its own way",
        "a.yaml",
        "services:\n- redis:7\n- other\n",
        "services:\n- redis:8\n- other\n",
        "services:\n- valkey:8\n- other\n",
        """
        services:
        <<<<<<< the service
        - redis:8
        ||||||| before
        - redis:7
        =======
        - valkey:8
        >>>>>>> the golden path
        - other
        """,
        conflict=True,
    ),
]

TOML = [
    case(
        "dependencies put in between those that the path bumps",
        "pyproject.toml",
        DEPENDENCIES,
        """
        [project]
        name = "payments-api"
        dependencies = [
            "asyncpg>=1",  # the database
            "fastapi>=0.165,<1",
            "uvicorn>=0.54,<1",
            "zeep>=4",
        ]
        """,
        """
        [project]
        name = "payments-api"
        dependencies = [
            "fastapi>=0.170,<1",
            "uvicorn>=0.60,<1",
        ]
        """,
        """
        [project]
        name = "payments-api"
        dependencies = [
            "asyncpg>=1",  # the database
            "fastapi>=0.170,<1",
            "uvicorn>=0.60,<1",
            "zeep>=4",
        ]
        """,
    ),
    case(
        "a dependency that both bumped",
        "pyproject.toml",
        DEPENDENCIES,
        DEPENDENCIES.replace("fastapi>=0.165", "fastapi>=0.166"),
        DEPENDENCIES.replace("fastapi>=0.165", "fastapi>=0.170").replace("0.54", "0.60"),
        """
        [project]
        name = "payments-api"
        dependencies = [
        <<<<<<< the service
            "fastapi>=0.166,<1",
        ||||||| before
            "fastapi>=0.165,<1",
        =======
            "fastapi>=0.170,<1",
        >>>>>>> the golden path
            "uvicorn>=0.60,<1",
        ]
        """,
        conflict=True,
    ),
    case(
        "a list on one line, and one that a formatter has broken",
        "pyproject.toml",
        """
        [tool.ruff.lint]
        select = ["F", "E"]
        ignore = ["A", "D"]
        """,
        """
        [tool.ruff.lint]
        select = ["F", "E", "B"]
        ignore = [
          "A", # why
          "C",
          "D",
        ]
        """,
        """
        [tool.ruff.lint]
        select = ["F", "E", "I"]
        ignore = ["A", "B", "D"]

        [tool.mypy]
        strict = true
        """,
        """
        [tool.ruff.lint]
        select = ["F", "E", "B", "I"]
        ignore = [
          "A", # why
          "B",
          "C",
          "D",
        ]

        [tool.mypy]
        strict = true
        """,
    ),
    case(
        "arrays of tables, by name",
        "a.toml",
        """
        [[package]]
        name = "a"
        v = 1

        [[package]]
        name = "b"
        v = 1
        """,
        """
        [[package]]
        name = "a"
        v = 1

        [[package]]
        name = "ab"
        v = 1

        [[package]]
        name = "b"
        v = 1
        """,
        """
        [[package]]
        name = "a"
        v = 2

        [[package]]
        name = "b"
        v = 2
        [package.extra]
        x = 1
        """,
        """
        [[package]]
        name = "a"
        v = 2

        [[package]]
        name = "ab"
        v = 1

        [[package]]
        name = "b"
        v = 2
        [package.extra]
        x = 1
        """,
    ),
]

JSON = [
    case(
        "entries at the end, with their commas",
        "package.json",
        '{\n  "a": 1,\n  "b": [1, 2]\n}\n',
        '{\n  "a": 1,\n  "b": [1, 2],\n  "ours": {"x": "\\u00e9"}\n}\n',
        '{\n  "a": 2,\n  "b": [1, 2, 3],\n  "c": true\n}\n',
        '{\n  "a": 2,\n  "b": [1, 2, 3],\n  "c": true,\n  "ours": {"x": "\\u00e9"}\n}\n',
    ),
    case(
        "another indentation",
        "a.json",
        '{\n  "a": {\n    "b": 1,\n    "c": 2\n  }\n}\n',
        '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": 3\n\t}\n}\n',
        '{\n  "a": {\n    "b": 2,\n    "c": 2\n  }\n}\n',
        '{\n\t"a": {\n\t\t"b": 2,\n\t\t"c": 3\n\t}\n}\n',
    ),
    case(
        "JSON with comments is merged by lines",
        "tsconfig.json",
        '{\n  // x\n  "a": 1,\n\n  "b": 1\n}\n',
        '{\n  // x\n  "a": 2,\n\n  "b": 1\n}\n',
        '{\n  // x\n  "a": 1,\n\n  "b": 2\n}\n',
        '{\n  // x\n  "a": 2,\n\n  "b": 2\n}\n',
    ),
]

LISTS = [
    case(
        "requirements with neighbours bumped and one put in",
        "requirements.txt",
        "# ours to keep\na==1\nb==1\nc==1 # via x\n",
        "# ours to keep\na==1\nb==2\nbb==1\nc==1 # via x\n",
        "# ours to keep\na==2\nb==1\nc==2 # via x\n",
        "# ours to keep\na==2\nb==2\nbb==1\nc==2 # via x\n",
    ),
    case(
        "a requirement that both bumped",
        "requirements.lock",
        "a==1\nb==1\nc==1\n",
        "a==1\nb==2\nc==1\nd==1\n",
        "a==2\nb==3\nc==2\n",
        "a==2\n<<<<<<< the service\nb==2\n||||||| before\nb==1\n=======\nb==3\n>>>>>>> the golden path\nc==2\nd==1\n",
        conflict=True,
    ),
    case(
        "requirements with hashes",
        "requirements/dev.txt",
        """
        a==1 \\
            --hash=sha256:1 \\
            --hash=sha256:2
            # via x
        b==1 \\
            --hash=sha256:3
        """,
        """
        a==1 \\
            --hash=sha256:1 \\
            --hash=sha256:2
            # via x
        aa==1 \\
            --hash=sha256:9
        b==1 \\
            --hash=sha256:3
        """,
        """
        a==2 \\
            --hash=sha256:4
            # via x
        b==2 \\
            --hash=sha256:5
        """,
        """
        a==2 \\
            --hash=sha256:4
            # via x
        aa==1 \\
            --hash=sha256:9
        b==2 \\
            --hash=sha256:5
        """,
    ),
    case(
        "patterns to ignore, in sections",
        ".gitignore",
        "# Python\n.venv/\n\n# editors\n.idea/\n",
        "# Python\n.venv/\n*.db\n\n# editors\n.idea/\n",
        "# Python\n.venv/\n.ruff_cache/\n\n# editors\n.idea/\n.vscode/\n",
        "# Python\n.venv/\n*.db\n.ruff_cache/\n\n# editors\n.idea/\n.vscode/\n",
    ),
    case(
        "a pattern that one side changed and the other took out",
        ".gitignore",
        ".venv/\n/build\n*.log\n",
        ".venv/\n/build/out\n*.log\n",
        ".venv/\n*.log\n",
        ".venv/\n<<<<<<< the service\n/build/out\n||||||| before\n/build\n=======\n>>>>>>> the golden path\n*.log\n",
        conflict=True,
    ),
    case(
        "a pattern that one side took out, and a new one elsewhere",
        ".gitignore",
        ".venv/\n/build\n*.log\n",
        ".venv/\n*.log\n",
        ".venv/\n/build\n*.log\n*.db\n",
        ".venv/\n*.log\n*.db\n",
    ),
    case(
        "an item that one side took out and the other changed",
        "settings.yaml",
        "hosts:\n  - one\n  - two\n  - three\n",
        "hosts:\n  - one\n  - three\n",
        "hosts:\n  - one\n  - zwei\n  - three\n",
        "hosts:\n  - one\n<<<<<<< the service\n||||||| before\n  - two\n=======\n  - zwei\n>>>>>>> the golden path\n"
        "  - three\n",
        conflict=True,
    ),
    case(
        "checksums, which never exclude each other",
        "go.sum",
        "a v1.0.0 h1:1=\nb v1.0.0 h1:2=\nc v1.0.0 h1:3=\n",
        "a v1.0.0 h1:1=\nc v1.0.0 h1:3=\n",
        "a v1.0.0 h1:1=\nb v1.1.0 h1:4=\nc v1.0.0 h1:3=\n",
        "a v1.0.0 h1:1=\nb v1.1.0 h1:4=\nc v1.0.0 h1:3=\n",
    ),
    case(
        "owners whose spaces alone one side changed",
        "CODEOWNERS",
        "/a/ @one\n/docs/ @two\n",
        "/a/     @one\n/docs/  @two\n",
        "/a/ @three\n/docs/ @two\n",
        "/a/ @three\n/docs/  @two\n",
    ),
    case(
        "owners of one path",
        ".github/CODEOWNERS",
        "* @example/payments\n",
        "* @example/payments @example/security\n",
        "* @example/payments\n/docs/ @example/docs\n",
        "* @example/payments @example/security\n/docs/ @example/docs\n",
    ),
    case(
        "settings by name",
        ".env.example",
        "PORT=8080\nLEVEL=info\n",
        "PORT=9090\nLEVEL=info\nDATABASE=x\n",
        "PORT=8080\nLEVEL=warning\nTRACES=on\n",
        "PORT=9090\nLEVEL=warning\nDATABASE=x\nTRACES=on\n",
    ),
    case(
        "go.mod, block by block",
        "go.mod",
        GO_MOD.format("go 1.26.0", "\ta v1.0.0\n\tb v1.0.0\n", "\tz v1.0.0 // indirect\n"),
        GO_MOD.format("go 1.26.0", "\ta v1.0.0\n\taa v2.0.0\n\tb v1.0.0\n", "\tz v1.0.0 // indirect\n"),
        GO_MOD.format("go 1.27.0", "\ta v1.1.0\n\tb v1.1.0\n", "\ty v1.0.0 // indirect\n\tz v1.0.1 // indirect\n"),
        GO_MOD.format(
            "go 1.27.0",
            "\ta v1.1.0\n\taa v2.0.0\n\tb v1.1.0\n",
            "\ty v1.0.0 // indirect\n\tz v1.0.1 // indirect\n",
        ),
    ),
]

CASES = [*LINES, *YAML, *TOML, *JSON, *LISTS]
