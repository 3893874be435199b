"""The Go template gives a service that builds, tests and ships with nothing but Go, whatever it is called."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import made
import pytest
import yaml

if shutil.which("go") is None or shutil.which("make") is None:
    pytest.skip("go and make have to be on PATH", allow_module_level=True)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service as it is rendered; the modules that it needs are there."""
    folder = made.render("go", tmp_path_factory.mktemp("fresh"))
    made.download(folder)
    return folder


@pytest.mark.parametrize("version", [pytest.param(made.VERSIONS[0], marks=pytest.mark.soak), made.NEWEST])
def test_its_own_tests_pass(tmp_path: Path, version: str) -> None:
    folder = made.render("go", tmp_path, version)
    made.download(folder)
    done = made.make(folder, "test", "lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^ok ", done.stdout, re.MULTILINE)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("package app\nvar  x = 1\n", "app/odd.go"), ('package app\n\nimport "os"\n\nfunc init() { os.Exit("1") }\n', "")],
)
def test_lint_refuses(fresh: Path, tmp_path: Path, text: str, said: str) -> None:
    folder = Path(shutil.copytree(fresh, tmp_path / "copy"))
    (folder / "app" / "odd.go").write_text(text, encoding="utf-8")
    done = made.make(folder, "lint")
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_code_has_no_free_text_in_it(fresh: Path, tmp_path: Path) -> None:
    """Of what people write, only names that were checked before get into code, images and makefiles."""
    nasty = "\"`; $(touch x) ${{ github.token }} {{ 7*7 }} {% raw %} */ \\ '\n\n)\t\U0001f600\u2028"
    other = made.render("go", tmp_path, description=nasty, team_name=nasty, on_call=nasty, depends_on=[nasty])
    kept = [path for path in fresh.rglob("*") if path.is_file() and path.suffix != ".md"]
    assert len(kept) > 20
    for path in kept:
        assert (other / path.relative_to(fresh)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["log", "net", "cmd", "std", "all", "vendor", "internal", "a-b"])
def test_any_name_is_a_name_in_go(fresh: Path, tmp_path: Path, name: str) -> None:
    """Those of Go's own packages too."""
    folder = made.render("go", tmp_path, name=name)
    done = made.run(folder, "go", "list", "./...")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{name}.local.internal"), done.stderr


def test_the_image_is_built_from_what_is_sent(fresh: Path, tmp_path: Path) -> None:
    """With the files that .dockerignore lets through, by the command that the Dockerfile has."""
    kept = [line[1:] for line in (fresh / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in kept:
        copy = shutil.copytree if (fresh / name).is_dir() else shutil.copy
        copy(fresh / name, tmp_path / name)
    for test in tmp_path.rglob("*_test.go"):
        test.unlink()
    (command,) = re.findall(r"^    (CGO_ENABLED=0 .*)$", (fresh / "Dockerfile").read_text(), re.MULTILINE)
    binary = tmp_path / "service"
    command = command.replace("/opt/service/example-api", str(binary))
    done = made.run(tmp_path, "sh", "-c", command)
    assert done.returncode == 0, done.stderr
    refused = subprocess.run([str(binary)], env={"PORT": "x"}, capture_output=True, text=True, timeout=10, check=False)
    assert (refused.returncode, refused.stderr) == (1, 'PORT is "x"; it takes a number up to 65535\n')
    assert b"ld-linux" not in binary.read_bytes(), "it needs nothing of a system"


def test_it_sets_up_the_go_of_the_base_image(fresh: Path) -> None:
    """Tests run on what builds."""
    image = (made.GOLDEN_PATHS / "images/go/Dockerfile").read_text(encoding="utf-8")
    (version,) = re.findall(r"^ARG VERSION=(.*)$", image, re.MULTILINE)
    workflow = yaml.safe_load((made.GOLDEN_PATHS / "workflows/service.yml").read_text(encoding="utf-8"))
    for job in ("lint", "test"):
        (given,) = [step["with"] for step in workflow["jobs"][job]["steps"] if "setup-go@" in step.get("uses", "")]
        assert given["go-version"] == f"${{{{ inputs.language-version || '{version}' }}}}"
    assert f"/base-go:{version} AS build" in (fresh / "Dockerfile").read_text(encoding="utf-8")
    (asked,) = re.findall(r"^go (\d+\.\d+)\.0$", (fresh / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(map(int, asked.split("."))) <= tuple(map(int, version.split(".")))


def test_every_base_image_is_built() -> None:
    images = yaml.safe_load((made.GOLDEN_PATHS / "workflows/images.yml").read_text(encoding="utf-8"))
    folders = [path.name for path in (made.GOLDEN_PATHS / "images").iterdir() if path.is_dir()]
    assert sorted(images["jobs"]["image"]["strategy"]["matrix"]["name"]) == sorted(folders)
