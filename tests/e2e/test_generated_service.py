"""What `platformctl new` gives is a service that works, watched by the tools that would watch it.

One service is made on a fresh home and cloned from the embedded forge as its first developer would. Its own targets
are run, it is started and asked, and its workflows and manifests go through the tools of those who receive them.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from tests.conftest import Cli
from tests.newest import ORGANISATION

NAME: Final = "payments-api"
GOLDEN_PATHS: Final = Path(__file__).parents[2] / "golden_paths"
KUBERNETES: Final = "1.32"

TRACE_ID: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT: Final = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


@dataclass(frozen=True)
class Service:
    """A service's repository and its organisation's, cloned."""

    cli: Cli
    clone: Path
    environments: Path
    workflows: Path

    @property
    def folder(self) -> Path:
        """Its place in the environments repository."""
        return self.environments / "staging" / NAME

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone, in the environment of a developer who has Python and make."""
        return subprocess.run(
            arguments, cwd=self.clone, env=developer(**more), capture_output=True, text=True, timeout=300, check=False
        )


def developer(**more: str) -> dict[str, str]:
    """An environment without what these tests themselves run in; `python3` is the one that runs them."""
    alien = ("PLATFORMCTL_", "GIT_", "PYTEST_", "SERVICE_", "OTEL_", "MAKE", "MFLAGS", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(alien)}
    return kept | {"PYTHON": sys.executable} | more


@contextmanager
def once(folder: Path, what: str) -> Iterator[bool]:
    """True for the one worker that has to do it; the others wait until it is done."""
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / f"{what}.done"
        yield not done.exists()
        done.touch()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """`platformctl new` on a fresh home, then the clone command that it printed. Made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "generated-service"
    root.mkdir(exist_ok=True)
    cli = Cli(root / "home", root)
    with once(root, "new") as mine:
        if mine:
            given = ("--team", "payments", "--description", "Takes payments", "--depends-on", "ledger-api")
            made = cli.result("new", "service", NAME, *given, "--yes")
            subprocess.run(shlex.split(made["places"]["clone"]), cwd=root, check=True, capture_output=True)
            for name in ("environments", "platform-workflows"):
                source = cli.home / "forge" / "local" / f"{name}.git"
                subprocess.run(["git", "clone", "--quiet", source.as_uri(), name], cwd=root, check=True)
    return Service(cli, root / NAME, root / "environments", root / "platform-workflows")


@pytest.fixture(scope="session")
def installed(service: Service) -> Service:
    """With the packages that it needs, from PyPI; this is what takes time."""
    if shutil.which("make") is None:
        pytest.skip("make is not on PATH")
    with once(service.clone.parent, "venv") as mine:
        if mine:
            made = service.command("make", "venv")
            assert made.returncode == 0, made.stdout + made.stderr
    return service


class TestTheDevelopersTargets:
    @pytest.mark.parametrize(("target", "said"), [("test", " passed"), ("lint", "already formatted")])
    def test_they_pass_at_once(self, installed: Service, target: str, said: str) -> None:
        done = installed.command("make", target)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout

    def test_they_leave_nothing_to_commit(self, installed: Service) -> None:
        """What they make is ignored, and nothing that was made is rewritten."""
        installed.command("make", "lint")
        assert installed.command("git", "status", "--porcelain").stdout == ""

    def test_help_tells_every_target(self, service: Service) -> None:
        targets = re.findall(r"^\.PHONY: (\w+)$", (service.clone / "Makefile").read_text(), re.MULTILINE)
        told = service.command("make").stdout
        assert len(targets) > 5
        assert [target for target in targets if f"make {target} " not in told] == []


@dataclass(frozen=True)
class Running:
    """A service that listens."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask it."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()

    def answers(self) -> bool:
        """Whether anybody listens."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far; make's own words stand among the JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def signal_all(self, number: int) -> None:
        """Send a signal to make and all that it started; whoever is gone already does not mind."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def until(condition: Any, seconds: float = 20) -> bool:
    """Wait for something; False when it did not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def running(service: Service, log: Path) -> Iterator[Running]:
    """`make run` on a free port, in a process group of its own; nothing of it is left in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=service.clone,
            env=developer(SERVICE_ENVIRONMENT="staging", SERVICE_VERSION="1.2.3", PYTHONUNBUFFERED="1"),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = Running(process, f"http://127.0.0.1:{port}", log)
    try:
        assert until(lambda: found.answers() or process.poll() is not None), log.read_text()
        assert process.poll() is None, log.read_text()
        yield found
    finally:
        found.signal_all(signal.SIGKILL)
        process.wait(10)


class TestTheRunningService:
    def test_it_can_be_watched_and_ends_when_told(self, installed: Service, tmp_path: Path) -> None:
        """One start for all questions; then SIGTERM to the group, as a terminal or an init sends it."""
        with running(installed, tmp_path / "log") as service:
            assert service.get("/healthz") == (200, '{"status":"alive"}')
            assert service.get("/readyz") == (200, '{"status":"ready"}')
            assert service.get("/items/1", traceparent=TRACEPARENT)[0] == 200
            status, metrics = service.get("/metrics")
            assert status == 200
            check_metrics(metrics)
            assert until(lambda: access_lines(service))
            (line,) = access_lines(service)
            known = {key: line[key] for key in ("service", "team", "environment", "version", "trace_id", "level")}
            assert known == {
                "service": NAME,
                "team": "payments",
                "environment": "staging",
                "version": "1.2.3",
                "trace_id": TRACE_ID,
                "level": "INFO",
            }
            assert re.fullmatch(r"[0-9a-f]{16}", line["span_id"])
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
            service.signal_all(signal.SIGTERM)
            service.process.wait(15)
            assert until(lambda: any("shutdown complete" in line["message"] for line in service.lines()))
            assert until(lambda: not service.answers())

    def test_it_ends_with_make(self, installed: Service, tmp_path: Path) -> None:
        """Who stops `make run` by its process id, as an editor does, is not left with a port in use."""
        with running(installed, tmp_path / "log") as service:
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(15)
            assert until(lambda: not service.answers(), seconds=3)


def access_lines(service: Running) -> list[dict[str, Any]]:
    """The log lines about requests that are traced."""
    return [line for line in service.lines() if line["logger"] == "app.access"]


def check_metrics(text: str) -> None:
    """The names and labels that dashboards, alerts and the runbook ask for."""
    route = 'http_request_method="GET",http_response_status_code="200",http_route="/items/{item_id}"'
    build = f'environment="staging",service="{NAME}",team="payments",tier="standard",version="1.2.3"'
    for sample in (
        f"http_server_request_duration_seconds_count{{{route}}} 1.0",
        f'http_server_request_duration_seconds_bucket{{{route},le="0.5"}} 1.0',
        'http_server_active_requests{http_request_method="GET"} 0.0',
        f"service_build_info{{{build}}} 1.0",
    ):
        assert sample in text.splitlines()
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes"):
        assert f"\n{name} " in text
    assert "/healthz" not in text, "probes are not traffic"


def tool(name: str) -> str:
    """A tool beside this Python, or on PATH."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not there")
    return found


WORKFLOWS: Final = ("apply.yml", "ci.yml", "doctor.yml", "images.yml", "service.yml")

CALLS: Final = {"contents": "read", "packages": "write", "id-token": "write", "attestations": "write"}
PERMISSIONS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("apply.yml", "record"): {"contents": "read"},
    ("apply.yml", "apply"): {"contents": "read"},
    ("ci.yml", "service"): CALLS,
    ("doctor.yml", "doctor"): {"contents": "read", "issues": "write"},
    ("images.yml", "image"): {"contents": "read", "packages": "write"},
    ("service.yml", "lint"): {"contents": "read"},
    ("service.yml", "test"): {"contents": "read"},
    ("service.yml", "build"): {"contents": "read", "packages": "write"},
    ("service.yml", "attest"): {"id-token": "write", "attestations": "write"},
    ("service.yml", "deploy"): {"contents": "read"},
}
"""All that any job may do. Who needs more writes it down here, where it is seen."""


def workflow_file(service: Service, name: str) -> Path:
    """The service's own workflow, or one of the organisation's."""
    return (service.clone / ".github" if name == "ci.yml" else GOLDEN_PATHS) / "workflows" / name


def workflow(service: Service, name: str) -> dict[str, Any]:
    """A workflow with every scalar as text: `on` is a key and not true."""
    data: dict[str, Any] = yaml.load(workflow_file(service, name).read_text(), yaml.BaseLoader)
    return data


def steps(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in data["jobs"].values():
        yield from job.get("steps", ())


class TestTheWorkflows:
    def test_these_are_all(self, service: Service) -> None:
        """A new workflow is not left out of what follows."""
        found = [*(service.clone / ".github/workflows").iterdir(), *GOLDEN_PATHS.glob("workflows/*.yml")]
        assert sorted(file.name for file in found) == sorted(WORKFLOWS)

    def test_zizmor_finds_nothing(self, service: Service) -> None:
        files = [str(workflow_file(service, name)) for name in WORKFLOWS]
        command = [tool("zizmor"), "--offline", "--no-config", "--quiet", "--format", "json", *files]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stdout + done.stderr

    def test_their_schema_allows_them(self, service: Service) -> None:
        files = [str(workflow_file(service, name)) for name in WORKFLOWS]
        command = [tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_dependabot_takes_what_keeps_it_up_to_date(self, service: Service) -> None:
        file = str(service.clone / ".github" / "dependabot.yml")
        for command in (
            [tool("check-jsonschema"), "--builtin-schema", "vendor.dependabot", file],
            [tool("zizmor"), "--offline", "--no-config", "--quiet", file],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_what_others_wrote_is_pinned_by_commit(self, service: Service, name: str) -> None:
        """With the tag as a comment, so that people and bots know what the commit is."""
        data = workflow(service, name)
        used = [part["uses"] for part in (*data["jobs"].values(), *steps(data)) if "uses" in part]
        lines = re.findall(r"^ *(?:- )?uses: (.*)$", workflow_file(service, name).read_text(), re.MULTILINE)
        assert used
        assert [line.split(" # ")[0] for line in lines] == used
        pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
        assert [line for line in lines if not pinned.fullmatch(line)] == []

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_strangers_start_nothing_with_secrets(self, service: Service, name: str) -> None:
        triggers = workflow(service, name)["on"]
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_no_script_has_an_expression_in_it(self, service: Service, name: str) -> None:
        """GitHub pastes expressions into the script's text; a branch's name would be code."""
        scripts = [step["run"] for step in steps(workflow(service, name)) if "run" in step]
        assert [script for script in scripts if "${{" in script] == []

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_permissions_are_the_least(self, service: Service, name: str) -> None:
        data = workflow(service, name)
        assert data["permissions"] == {}
        found = {(name, job): about.get("permissions") for job, about in data["jobs"].items()}
        assert found == {key: value for key, value in PERMISSIONS.items() if key[0] == name}

    @pytest.mark.parametrize("name", ["apply.yml", "doctor.yml", "images.yml", "service.yml"])
    def test_no_job_keeps_a_token_or_runs_for_ever(self, service: Service, name: str) -> None:
        data = workflow(service, name)
        checkouts = [step for step in steps(data) if step.get("uses", "").startswith("actions/checkout@")]
        assert checkouts
        assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)
        assert all(int(job["timeout-minutes"]) <= 30 for job in data["jobs"].values())

    def test_the_call_fits_what_is_called(self, service: Service) -> None:
        """At the commit that is pinned, in the organisation's repository: inputs, secrets, permissions, all there."""
        call = workflow(service, "ci.yml")["jobs"]["service"]
        repository, _, rest = call["uses"].partition("/.github/")
        path, _, commit = rest.partition("@")
        assert repository == "local/platform-workflows"
        shown = service.cli.git("platform-workflows", "show", f"{commit}:.github/{path}")
        assert shown == (GOLDEN_PATHS / path).read_text()
        tag = re.search(rf"@{commit} # (\S+)$", workflow_file(service, "ci.yml").read_text(), re.MULTILINE)
        assert tag is not None
        assert service.cli.git("platform-workflows", "rev-parse", f"refs/tags/{tag[1]}^{{commit}}").strip() == commit

        called = workflow(service, "service.yml")
        declared = called["on"]["workflow_call"]
        required = {key for key, about in declared["inputs"].items() if about.get("required") == "true"}
        assert required <= set(call["with"]) <= set(declared["inputs"])
        assert set(call["secrets"]) <= set(declared["secrets"])
        wanted = {key: value for job in called["jobs"].values() for key, value in job["permissions"].items()}
        assert call["permissions"] == wanted, "GitHub stops a run whose caller grants less; more is too much"

    def test_the_required_checks_are_jobs(self, service: Service) -> None:
        """A check that nothing reports blocks every pull request for ever."""
        settings = json.loads((service.cli.home / "forge/local" / f"{NAME}.git" / "platformctl.json").read_text())
        checks = settings["protection"]["main"]["checks"]
        caller = workflow(service, "ci.yml")["jobs"]["service"]["name"]
        jobs = [f"{caller} / {job['name']}" for job in workflow(service, "service.yml")["jobs"].values()]
        assert checks
        assert set(checks) <= set(jobs)


STANDARD: Final = {
    "app.kubernetes.io/name": NAME,
    "app.kubernetes.io/managed-by": "platformctl",
    "platformctl/team": "payments",
    "platformctl/environment": "staging",
    "platformctl/tier": "standard",
    "platformctl/golden-path": "service",
    "platformctl/module-version": ORGANISATION,
}


def documents(text: str) -> list[dict[str, Any]]:
    """The documents of a YAML text."""
    return [document for document in yaml.safe_load_all(text) if document]


def manifests(service: Service) -> dict[str, dict[str, Any]]:
    """Every manifest of the service in staging by its file; one document each."""
    found = {}
    for file in sorted(service.folder.glob("[0-9]*.yaml")):
        (found[file.name],) = documents(file.read_text())
    assert len(found) > 10
    return found


def built(folder: Path) -> list[dict[str, Any]]:
    """What a GitOps controller applies."""
    done = subprocess.run(
        [tool("kubectl"), "kustomize", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return documents(done.stdout)


def image(resources: list[dict[str, Any]]) -> str:
    """The image of the one deployment."""
    (deployment,) = (resource for resource in resources if resource["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return str(container["image"])


class TestTheManifests:
    def test_kubernetes_accepts_every_one(self, service: Service) -> None:
        """Strictly: a field that the API does not know is a typo that a cluster would drop without a word."""
        found = manifests(service)
        for name, document in found.items():
            if document["kind"] != "ExternalSecret":
                assert kubernetes_validate.validate(document, KUBERNETES, strict=True) == KUBERNETES, name

    def test_the_external_secret_has_its_shape(self, service: Service) -> None:
        """It is a custom resource, which no schema here knows; in full, so that nothing slips in."""
        (found,) = (document for document in manifests(service).values() if document["kind"] == "ExternalSecret")
        assert found == {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": NAME, "namespace": f"{NAME}-staging", "labels": STANDARD},
            "spec": {
                "refreshInterval": "1h",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "platform"},
                "target": {"name": NAME},
                "dataFrom": [{"extract": {"key": f"local/payments/{NAME}/staging"}}],
            },
        }

    def test_everything_carries_the_standard_labels(self, service: Service) -> None:
        for name, document in manifests(service).items():
            parts = [document]
            if document["kind"] == "Deployment":
                parts.append(document["spec"]["template"])
            for part in parts:
                labels = part["metadata"]["labels"]
                assert {key: labels.get(key) for key in STANDARD} == STANDARD, name

    def test_everything_is_in_the_services_namespace(self, service: Service) -> None:
        found = manifests(service)
        namespaces = {
            document["metadata"]["name"] if document["kind"] == "Namespace" else document["metadata"]["namespace"]
            for document in found.values()
        }
        assert namespaces == {f"{NAME}-staging"}

    def test_kustomize_builds_them_all(self, service: Service) -> None:
        def identity(document: Mapping[str, Any]) -> tuple[str, str]:
            return document["kind"], document["metadata"]["name"]

        assert sorted(map(identity, built(service.folder))) == sorted(map(identity, manifests(service).values()))

    def test_the_tag_that_ci_writes_is_the_image_that_runs(self, service: Service, tmp_path: Path) -> None:
        """CI owns one file; what it writes there is what the deployment gets."""
        folder = tmp_path / NAME
        shutil.copytree(service.folder, folder)
        assert image(built(folder)) == f"registry.localhost/local/{NAME}:unreleased"
        component = folder / "image" / "kustomization.yaml"
        commit = "0123456789abcdef0123456789abcdef01234567"
        written = component.read_text().replace('newTag: "unreleased"', f'newTag: "{commit}"')
        component.write_text(written)
        assert image(built(folder)) == f"registry.localhost/local/{NAME}:{commit}"

    def test_the_workload_asks_for_what_the_service_offers(self, service: Service) -> None:
        """Probes, scrape annotations and port are the ones that the running service answers."""
        (deployment,) = (document for document in manifests(service).values() if document["kind"] == "Deployment")
        template = deployment["spec"]["template"]
        (container,) = template["spec"]["containers"]
        probes = {name: about["httpGet"] for name, about in container.items() if name.endswith("Probe")}
        assert probes == {
            "livenessProbe": {"path": "/healthz", "port": 8080},
            "readinessProbe": {"path": "/readyz", "port": 8080},
            "startupProbe": {"path": "/healthz", "port": 8080},
        }
        assert template["metadata"]["annotations"]["prometheus.io/path"] == "/metrics"
        settings = (service.clone / "app" / "settings.py").read_text()
        names = [entry["name"] for entry in container["env"]]
        assert [name for name in names if f'"{name}"' not in settings] == []
