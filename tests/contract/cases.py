"""The cases that built-in actions are tried with. A new action is one more row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from platformctl.backends.alerting.files import AlertingFiles
from platformctl.backends.catalog.files import CatalogFiles
from platformctl.backends.forge import Commit
from platformctl.backends.forge.local import LocalForge
from platformctl.backends.grafana.files import GrafanaFiles
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.model import File, Owner
from platformctl.renderers.alerts import Alerts
from platformctl.renderers.answers_file import AnswersFile
from platformctl.renderers.catalog_entity import CatalogEntity
from platformctl.renderers.dashboard import Dashboard
from platformctl.renderers.folder import Folder
from platformctl.renderers.organisation_settings import OrganisationSettings
from platformctl.renderers.scaffold import Scaffold
from platformctl.renderers.workflows import Workflows
from platformctl.resources.alert_rules import AlertRules
from platformctl.resources.branch_protection import BranchProtection
from platformctl.resources.catalog_registration import CatalogRegistration
from platformctl.resources.deployment_environment import DeploymentEnvironment
from platformctl.resources.files import Files
from platformctl.resources.grafana_dashboard import GrafanaDashboard
from platformctl.resources.infrastructure import Infrastructure
from platformctl.resources.manifests import Manifests
from platformctl.resources.pipeline_settings import PipelineSettings
from platformctl.resources.repository import Repository
from platformctl.resources.tag import Tag
from platformctl.resources.workflow_callers import WorkflowCallers
from platformctl.testing import SERVICE, Case, RendererCase, ResourceCase

OWNER: Final = Owner(SERVICE, "an earlier run")
TREE: Final = {"README.md": File(b"read me\n"), "ci.yml": File(b"ci\n"), "src": File(b"code\n")}


def renderers() -> dict[str, Case]:
    """Every built-in renderer."""
    signals = {
        "event": "requests",
        "duration": "d_seconds",
        "failed": {"label": "code", "matches": "5.."},
        "by": ["route"],
        "backlog": {"waiting": "w", "oldest": "o"},
    }
    slo = {"availability": 99.9, "seconds": 0.5, "waiting_seconds": 60}
    return {
        "alerts": RendererCase(
            Alerts,
            {
                "signals": signals,
                "service": "svc",
                "team": "t",
                "environment": "staging",
                "tier": "standard",
                "slo": slo,
                "limits": {"cpu_limit_millicores": 500, "memory_limit_mebibytes": 256},
                "links": {"runbook": "https://git.example.org/é", "dashboard": "https://grafana.example.org"},
                "paging": "env:KEY",
            },
        ),
        "catalog_entity": RendererCase(
            CatalogEntity,
            {
                "name": "svc",
                "description": "é ☕",
                "type": "service",
                "language": "python",
                "tier": "standard",
                "environments": ["staging"],
                "links": {"repository": "/x/é.git"},
                "files": [{"CODEOWNERS": File(b"* @acme/payments\n")}],
                "openapi": "/openapi.json",
                "golden_path": "service",
                "golden_path_version": "1.0.0",
            },
        ),
        "dashboard": RendererCase(
            Dashboard,
            {
                "signals": signals,
                "service": "svc",
                "description": "é ☕",
                "team": "t",
                "tier": "standard",
                "environments": ["staging"],
                "slo": slo,
            },
        ),
        "answers_file": RendererCase(
            AnswersFile,
            {"path": "service", "version": "1.0.0", "answers": {"name": "svc", "slo": {"availability": 99.9}}},
        ),
        "folder": RendererCase(
            Folder,
            {"from": "modules", "to": "a", "without": ["*.md"]},
            {"../../modules/x/main.tf": "# é\n", "../../modules/README.md": "no\n"},
        ),
        "organisation_settings": RendererCase(
            OrganisationSettings, {"module": "service", "settings": {"name": "acme", "text": "${é} %{x}"}}
        ),
        "scaffold": RendererCase(
            Scaffold,
            {"templates": ["template"], "values": {"name": "svc", "about": "é ☕"}},
            {
                "template/cookiecutter.json": "{}",
                "template/{{cookiecutter.name}}/{{cookiecutter.name}}.md": "{{ cookiecutter.about | markdown }} é\n",
                "template/{{cookiecutter.name}}/slug": "{{ cookiecutter.about | slugify }}\n",
            },
        ),
        "workflows": RendererCase(
            Workflows,
            {
                "workflow": "service",
                "repository": "acme/platform-workflows",
                "commit": "0" * 40,
                "tag": "v1.0.0",
                "name": "svc",
                "language": "python",
                "registry": "registry.localhost/acme",
                "environments": "acme/environments",
            },
        ),
    }


def resources() -> dict[str, Case]:
    """Every built-in resource."""
    return {
        "alert_rules": ResourceCase(
            AlertRules,
            rules("groups: []\n", "env:ONE"),
            lambda folder: AlertingFiles(folder / "monitoring", folder / "locks" / "alerting"),
            rules("groups: []\n# two\n", "env:TWO"),
            noise=("locks/*", "*.owners/*"),
            kills=10,
        ),
        "catalog_registration": ResourceCase(
            CatalogRegistration,
            {"name": "svc", "files": entity("one"), "depends_on": ["other", "ghost"]},
            lambda folder: CatalogFiles(folder / "catalog", folder / "locks" / "catalog", "acme"),
            {"name": "svc", "files": entity("two")},
            noise=("locks/*", "*.owners/*", "*.draft"),
            kills=10,
        ),
        "grafana_dashboard": ResourceCase(
            GrafanaDashboard,
            {"files": page("one"), "team": "one"},
            lambda folder: GrafanaFiles.configured({"organisation": "acme"}, folder),
            {"files": page("two"), "team": "two"},
            noise=("locks/*",),
            kills=10,
        ),
        "repository": on_forge(
            Repository,
            {"name": "svc", "description": "one", "topics": ["b", "a"], "teams": {"t": "write"}},
            {"name": "svc", "description": "two", "topics": ["a"], "teams": {"t": "admin"}},
        ),
        "files": on_forge(
            Files,
            {"repository": "svc", "files": [TREE], "managed": ["ci.yml"], "merged": ["README.md"]},
            {"repository": "svc", "files": [{**TREE, "ci.yml": File(b"new\n")}], "managed": ["ci.yml"]},
            before=a_repository,
        ),
        "files of a folder": on_forge(
            Files,
            {"repository": "svc", "under": "a/b", "files": [TREE]},
            {"repository": "svc", "under": "a/b", "files": [{"ci.yml": File(b"new\n")}]},
            before=a_commit,
        ),
        "manifests": on_forge(
            Manifests,
            {"repository": "svc", "environment": "staging", "name": "x", "manifests": {"a.yaml": "a: 1"}, "image": "i"},
            {"repository": "svc", "environment": "staging", "name": "x", "manifests": {"b.yaml": "b: 1"}, "image": "i"},
            before=a_commit,
        ),
        "branch_protection": on_forge(
            BranchProtection,
            {"repository": "svc", "checks": ["x / y"]},
            {"repository": "svc", "reviews": 2},
            before=a_repository,
        ),
        "workflow_callers": on_forge(
            WorkflowCallers,
            {"repository": "svc", "visibility": "private"},
            {"repository": "svc", "visibility": "private", "callers": "enterprise"},
            before=a_repository,
        ),
        "deployment_environment": on_forge(
            DeploymentEnvironment,
            {"repository": "svc", "environment": "staging"},
            {"repository": "svc", "environment": "staging", "reviewers": ["t"], "wait_minutes": 5},
            before=a_repository,
        ),
        "pipeline_settings": on_forge(
            PipelineSettings,
            {"repository": "svc", "variables": {"A": "1", "B": "é"}, "secrets": {"S": "env:PLANTED"}},
            {"repository": "svc", "variables": {"A": "2"}, "secrets": {"S": "env:PLANTED", "T": "file:/t"}},
            before=a_repository,
            secrets=["PLANTED"],
        ),
        "tag": on_forge(Tag, {"repository": "svc", "tag": "v1"}, before=a_commit),
        "infrastructure": ResourceCase(
            Infrastructure,
            workspace("standard"),
            terraform,
            workspace("batch"),
            world=lambda terraform: {"state": replace(terraform.state("svc", "staging"), owner=None, revision="")},
            noise=("locks/*", "cache/*"),
            kills=2,
        ),
    }


def on_forge(action: type[Any], inputs: dict[str, Any], other: dict[str, Any] | None = None, **rest: Any) -> Case:
    """A case on the embedded forge."""
    return ResourceCase(
        action,
        inputs,
        lambda folder: LocalForge(folder / "forge", "acme", folder / "locks"),
        other,
        world=what_the_forge_has,
        noise=("locks/*", "*/platformctl.lock"),
        **rest,
    )


def what_the_forge_has(forge: LocalForge) -> dict[str, Any]:
    """Repositories with their settings and protection, trees and tags; not commits, which carry times."""
    found: dict[str, Any] = {}
    for name in forge.repositories():
        head = forge.head(name, "main")
        hook = Path(forge.url(name), "hooks", "pre-receive")
        found[name] = (forge.repository(name), forge.protection(name, "main"), hook.exists(), forge.callers(name))
        found[f"files of {name}"] = dict(forge.tree(name, head)) if head else None
        found[f"staging of {name}"] = forge.environment(name, "staging")
        found[f"pipeline of {name}"] = forge.pipeline(name, "AB", "ST")
        found[f"tag v1 of {name}"] = bool(forge.head(name, "refs/tags/v1"))
    return found


def a_repository(forge: LocalForge) -> None:
    """There is a repository, without a commit."""
    forge.create_repository("svc", {"default_branch": "main"}, OWNER)


def a_commit(forge: LocalForge) -> None:
    """There is a repository with one commit."""
    a_repository(forge)
    forge.commit("svc", "main", "", Commit({"other": File(b"")}, "m"))


def terraform(folder: Path) -> TerraformCli:
    """Terraform in a home folder."""
    (folder / "locks").mkdir(exist_ok=True)
    return TerraformCli(folder)


def workspace(tier: str) -> dict[str, Any]:
    """Inputs of `infrastructure`, with a module that makes nothing outside of Terraform's state."""
    module = str(Path(__file__).with_name("module"))
    return {"module": module, "name": "svc", "team": "t", "environment": "staging", "tier": tier}


def rules(text: str, paging: str) -> dict[str, Any]:
    """Inputs of `alert_rules`."""
    routing = {"matchers": {"service": "svc", "environment": "staging"}, "receiver": "pagerduty-t", "paging": paging}
    files = {"rules.yml": File(text.encode()), "routing.json": File(json.dumps(routing).encode())}
    return {"files": files, "service": "svc", "environment": "staging"}


def entity(about: str) -> dict[str, File]:
    """What `catalog_entity` gives."""
    text = f"kind: Component\nmetadata: {{name: svc, description: {about}}}\n"
    return {"catalog-info.yaml": File(text.encode())}


def page(title: str) -> dict[str, File]:
    """What `dashboard` gives."""
    return {"dashboard.json": File(json.dumps({"uid": "svc-svc", "title": title, "panels": []}).encode())}


CASES: Final = {**renderers(), **resources()}
"""By the action's name, with more behind it where an action has several."""
