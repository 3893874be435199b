"""A plan as Terraform makes it, in a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from platformctl.backends.terraform import Workspace
from platformctl.backends.terraform.command import FLAG
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.state import State
from platformctl.model import Difference

_SIGNS: Final = {"create": "+", "update": "~", "replace": "~", "delete": "-", "import": "+", "move": "~"}


@dataclass(frozen=True)
class PlanFile:
    """What Terraform would do to a workspace at a state, in a scratch folder that goes away with it."""

    workspace: Workspace
    state: State
    destroying: bool = False
    changed: bool = False
    """Whether it would change anything; outputs can change without a resource."""
    lines: tuple[Difference, ...] = ()
    """What it would do, one line a resource."""
    scratch: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True)
    )

    @property
    def folder(self) -> Path:
        """The scratch folder."""
        return Path(self.scratch.name)

    @property
    def file(self) -> Path:
        """What Terraform's `apply` takes."""
        return self.folder / "plan"


def make(
    program: Program,
    root: Path,
    environment: Mapping[str, str],
    plan: PlanFile,
    more: Mapping[str, str] | None = None,
    secrets: Collection[str] = (),
) -> PlanFile:
    """Let Terraform plan into the plan's file, in an initialised folder; `more` are variables beside the module's.

    Gives the plan with what it would change. Raises `ToolFailed`.
    """
    variables = plan.folder / "service.tfvars.json"
    variables.write_text(json.dumps({**plan.workspace.variables, **(more or {})}), encoding="utf-8")
    options: dict[str, Any] = {"destroy": FLAG} if plan.destroying else {}
    done = program.call(
        root,
        environment,
        "plan",
        good=(0, 2),
        secrets=secrets,
        json=FLAG,
        input=False,
        lock=False,
        detailed_exitcode=FLAG,
        var_file=str(variables),
        out=str(plan.file),
        **options,
    )
    lines = tuple(sorted(_lines(done.messages), key=lambda line: line.what))
    return replace(plan, changed=done.code == 2, lines=lines)


def _lines(messages: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    for message in messages:
        if message.get("type") == "planned_change":
            change = message["change"]
            yield Difference(_SIGNS.get(change["action"], "~"), change["resource"]["addr"], change["action"])
