"""`uses: manifests`: a service's manifests stand in the environments repository, which a GitOps controller watches.

They form a kustomization. The image's tag is a component of its own: the one file that CI owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from platformctl.action import Inputs
from platformctl.model import Address, File, Json, Observed, Tree
from platformctl.resources.file_set import FileSet
from platformctl.resources.files import Files

_IMAGE: Final = "image/kustomization.yaml"

_KUSTOMIZATION: Final = """\
# Written by platformctl. CI changes {image} and nothing else here.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
{resources}
components:
  - image
"""

_COMPONENT: Final = """\
# The image that runs here: written once by platformctl, then by CI with every release.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: {image}
    newTag: "{tag}"
"""


class Manifests(Files):
    """One service's folder of one environment: `staging/payments-api`."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository", "environment", "name", "manifests", "image"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The environments repository's name."},
            "environment": {"type": "string", "description": "The environment: `staging`."},
            "name": {"type": "string", "description": "The service."},
            "manifests": {"type": "object", "description": "File name to YAML text, from `infrastructure`."},
            "image": {"type": "string", "description": "The service's image without a tag."},
            "tag": {"type": "string", "description": "The tag until CI writes one; `unreleased`."},
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "folder": {"type": "string", "description": "The folder in the environments repository."},
            "url": {"type": "string", "description": "The repository and the folder, for people."},
        },
    }

    def file_set(self, inputs: Inputs) -> FileSet:
        return FileSet(
            repository=inputs["repository"],
            branch="main",
            under=_folder(inputs),
            tree=_tree(inputs),
            previous=None,
            managed=(*inputs["manifests"], "kustomization.yaml"),
            merged=(),
            subject=f"Add {inputs['name']} to {inputs['environment']}",
            noun="manifests",
            kept=(_IMAGE,),
        )

    def unseen(self, inputs: Inputs) -> str:
        # A forge says of what a credential may not see that it is not there.
        repository = inputs["repository"]
        there = self._forge.head(repository, "main") or self._forge.repository(repository) is not None
        return "" if there else f"there is no repository {repository} to be seen"

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        folder = _folder(inputs)
        return {"folder": folder, "url": f"{self._forge.url(inputs['repository'])} ({folder}/)"}


def _folder(inputs: Inputs) -> str:
    return f"{inputs['environment']}/{inputs['name']}"


def _tree(inputs: Inputs) -> Tree:
    files = {name: File(text.encode()) for name, text in inputs["manifests"].items()}
    resources = "\n".join(f"  - {name}" for name in sorted(files))
    kustomization = _KUSTOMIZATION.format(image=_IMAGE, resources=resources)
    component = _COMPONENT.format(image=inputs["image"], tag=inputs.get("tag", "unreleased"))
    return {**files, "kustomization.yaml": File(kustomization.encode()), _IMAGE: File(component.encode())}
