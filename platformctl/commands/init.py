"""`platformctl init`: an organisation's platform.yaml, and the repositories that every service stands on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl import config
from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.config import EMBEDDED, FILE
from platformctl.document import Document
from platformctl.errors import BadConfig, BadInput
from platformctl.home import write_atomically
from platformctl.inputs import problem_with
from platformctl.schemas import schema
from platformctl.wiring import ORGANISATION, Wiring

_WAIT: Final = 120.0
"""Seconds to wait for another run that is preparing the same organisation."""

_TEMPLATE: Final = """\
# yaml-language-server: $schema={schema}
# The organisation's platform. Every field with its meaning: docs/reference/platform.md
schema: 1

# The organisation's name on the forge.
organisation: {organisation}

# Where repositories live. `local` keeps bare git repositories in the home folder.
forge:
  kind: local

# What builds environments. `tool`: terraform, tofu, or any of the two that is on PATH.
terraform:
  kind: cli
  tool: any
  timeout_seconds: 900

# Where images go, without a trailing slash.
registry: registry.localhost/{organisation}

# The External Secrets store that services read from.
secrets:
  store_kind: ClusterSecretStore
  store_name: platform
  key_prefix: {organisation}

# The cloud role of a service. On EKS: annotation eks.amazonaws.com/role-arn and the role's ARN.
iam:
  annotation: platformctl/iam-role
  role: "{{name}}-{{environment}}"
  created_by: the platform team

# What services meet in the cluster; `watched_by` says what deploys the environments repository.
cluster:
  gateway_namespace: gateway
  monitoring_namespace: monitoring
  otlp_namespace: monitoring
  otlp_port: 4317
  watched_by: ""

# Where dashboards go: a folder that Grafana reads; without it, one in the home folder. The url makes links.
# grafana:
#   folder: grafana
#   url: https://grafana.example.org

# Where alerts are decided and routed: a folder that Prometheus and Alertmanager read; and where they find paging keys.
# alerting:
#   folder: alerting
#   keys_folder: /etc/alertmanager/paging

# Where it is known what there is: a folder of Backstage entities.
# catalog:
#   folder: catalog

ci:
  attest: false

# Who can own services. While this is left out, every team is accepted.
# teams:
#   - slug: payments
#     name: Payments
#     on_call: the schedule or channel where the team is reached
#     paging: env:PAYMENTS_PAGING_KEY
#     permission: maintain

# Answers that are taken when none is given.
# defaults:
#   tier: standard

# Golden paths of your own, looked at before those that ship.
# golden_paths: [golden_paths]
"""


@dataclass(frozen=True)
class Options:
    """What `init` was asked for."""

    organisation: str
    file: Path | None = None


def init(options: Options, session: Session, approve: Approve) -> tuple[Path, bool, Outcome]:
    """Write platform.yaml unless it is there, and prepare the organisation; again, it changes nothing.

    Gives the file, whether it was written now, and the outcome of the run.
    """
    session.wiring.check(session.wiring.recipe(ORGANISATION), {})
    if options.organisation and (why := problem_with(schema("platform"), "organisation", options.organisation)):
        raise BadInput(f"organisation: {why}")
    file = (options.file or session.wiring.config.source or session.home.path / FILE).resolve()
    written = not file.exists()
    if written:
        text = _TEMPLATE.format(schema="platform.schema.json", organisation=options.organisation or EMBEDDED)
        Document(text, str(file)).check(schema("platform"))
        session.home.prepare()
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_schema(file.parent)
        write_atomically(file, text.encode())
    elif session.wiring.config.source == file and options.organisation not in (
        "",
        session.wiring.config.organisation,
    ):
        raise BadConfig(
            f"this platform is {session.wiring.config.organisation!r}'s",
            where=str(file),
            hint="Edit it by hand",
        )
    now = Session(session.home, Wiring(config.load_file(file), session.home), session.readers, session.command)
    return file, written, prepare(now, approve)


def prepare(session: Session, approve: Approve | None = None) -> Outcome:
    """Bring the organisation's own repositories to what this platformctl ships."""
    recipe = session.wiring.recipe(ORGANISATION)
    session.wiring.check(recipe, {})
    request = session.request(recipe, {"name": ORGANISATION})
    held = run.lock(session, ORGANISATION, timeout=_WAIT)
    try:
        return run.carry_out(session, request, approve or (lambda *_: True), run.unfinished(session, request))
    finally:
        held.release()


def ensure_prepared(session: Session) -> bool:
    """Prepare the embedded platform on first use; whether it was done now.

    Raises `BadConfig` for an organisation of its own that is not prepared: that is `init`'s to do.
    """
    if session.wiring.prepared:
        return False
    if session.wiring.config.source is not None:
        raise BadConfig(
            "the organisation's repositories are not what this platform needs",
            where=str(session.wiring.config.source),
            hint="Prepare them with: platformctl init",
        )
    quiet = Session(session.home, session.wiring, (), "init", session.stop)
    prepare(quiet)
    return True


def _write_schema(folder: Path) -> None:
    target = folder / "platform.schema.json"
    write_atomically(target, (json.dumps(schema("platform"), indent=2) + "\n").encode())
