"""The golden path `demo` of an organisation's own: the texts of its recipe and template, for tests to break."""

from __future__ import annotations

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


DEMO = ("new", "demo", "new-api", "--no-input")
