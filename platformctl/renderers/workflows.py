"""`uses: workflows`: the few lines of CI that a service has; all else is in the organisation's reusable workflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from platformctl.action import Inputs
from platformctl.model import File, Json, Tree
from platformctl.renderers.text import FILTERS

_CI: Final = """\
# Written by platformctl. The pipeline itself is the organisation's: {repository}.
name: ci

on:
  pull_request:
  push:
    branches: [main]

permissions: {{}}

concurrency:
  group: ci-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

jobs:
  service:
    name: service
    permissions:
      contents: read
      packages: write # the image
      id-token: write # the provenance attestation
      attestations: write # the provenance attestation
    uses: {repository}/.github/workflows/{workflow}.yml@{commit} # {tag}
    with:
      name: {name}
      language: {language}
      registry: {registry}
      registry-username: ${{{{ vars.REGISTRY_USERNAME }}}}
      environments-repository: {environments}
      attest: {attest}
    secrets:
      registry-password: ${{{{ secrets.REGISTRY_PASSWORD }}}}
      environments-token: ${{{{ secrets.ENVIRONMENTS_TOKEN }}}}
"""

_APPLY: Final = """\

  # A change of the record that was merged reaches the other planes. See apply.yml there.
  apply:
    name: apply
    needs: service
    if: github.event_name == 'push'
    permissions:
      contents: read # the record, before and after
    uses: {repository}/.github/workflows/apply.yml@{commit} # {tag}
    with:
      name: {name}
{given}
    secrets:
      token: ${{{{ secrets.PLATFORM_TOKEN }}}}
      environment: ${{{{ secrets.PLATFORM_ENVIRONMENT }}}}
"""


class Workflows:
    """Renders `.github/workflows/ci.yml`."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": [
            "workflow",
            "repository",
            "commit",
            "tag",
            "name",
            "language",
            "registry",
            "environments",
        ],
        "additionalProperties": False,
        "properties": {
            "workflow": {"type": "string", "description": "The reusable workflow's name."},
            "repository": {"type": "string", "description": "Where it lives: `ORG/platform-workflows`."},
            "commit": {
                "type": "string",
                "pattern": "^[0-9a-f]{40}$",
                "description": "The commit that is called.",
            },
            "tag": {"type": "string", "description": "The tag that stands on it, as a comment."},
            "name": {"type": "string", "description": "The service."},
            "language": {"type": "string", "description": "Its language."},
            "registry": {"type": "string", "description": "Where images go."},
            "environments": {
                "type": "string",
                "description": "The environments repository: `ORG/environments`.",
            },
            "attest": {"type": "boolean", "description": "Whether provenance is attested; false."},
            "apply": {
                "type": "object",
                "additionalProperties": False,
                "description": "How a merged change of the record is applied, as `ci.apply` says it; empty: it is not.",
                "properties": {
                    "platformctl": {"type": "string", "description": "What pip installs."},
                    "platform": {"type": "string", "description": "The repository that has platform.yaml."},
                    "file": {"type": "string", "description": "Where it is there; `platform.yaml`."},
                    "planes": {"type": "array", "items": {"type": "string"}, "description": "Which planes; all."},
                    "runner": {"type": "string", "description": "The runner's label; one of GitHub's own."},
                },
            },
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folder is not needed."""

    def render(self, inputs: Inputs) -> Tree:
        quote = FILTERS["yaml"]
        values = {
            **{name: inputs[name] for name in ("workflow", "repository", "commit", "tag")},
            **{name: quote(inputs[name]) for name in ("name", "language", "registry", "environments")},
            "attest": str(inputs.get("attest", False)).lower(),
        }
        text = _CI.format_map(values)
        if apply := inputs.get("apply"):
            planes = {"planes": " ".join(apply["planes"])} if "planes" in apply else {}
            given = "\n".join(f"      {name}: {quote(value)}" for name, value in {**apply, **planes}.items())
            text += _APPLY.format_map({**values, "given": given})
        return {".github/workflows/ci.yml": File(text.encode())}
