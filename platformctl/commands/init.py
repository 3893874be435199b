"""`platformctl init`: an organisation's platform.yaml, and the repositories that every service stands on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl import config
from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session, not_prepared
from platformctl.config import EMBEDDED, FILE, Config
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

{forge}

# What builds environments. `tool`: terraform, tofu, or any of the two that is on PATH.
terraform:
  kind: cli
  tool: any
  timeout_seconds: 900

# Where images go, without a trailing slash.
registry: {registry}

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

{catalog}

# What every pipeline is given, secrets by reference (env:NAME or file:PATH); and whether staging is a deployment
# environment on the forge.
ci:
  attest: false
  # variables: {{REGISTRY_USERNAME: robot}}
  # secrets: {{REGISTRY_PASSWORD: env:REGISTRY_PASSWORD}}
  environments: false

# Who can own services. While this is left out, every team is accepted.
# teams:
#   - slug: payments
#     name: Payments
#     on_call: the schedule or channel where the team is reached
#     paging: env:PAYMENTS_PAGING_KEY
#     permission: maintain

# Answers that are taken when none is given.
{defaults}

# Golden paths of your own, looked at before those that ship.
# golden_paths: [golden_paths]
"""


_FORGES: Final = {
    "local": {
        "forge": """\
# Where repositories live. `local` keeps bare git repositories in the home folder; `github` is GitHub.
forge:
  kind: local""",
        "registry": "registry.localhost/{organisation}",
        "catalog": """\
# Where it is known what there is: a folder of Backstage entities.
# catalog:
#   folder: catalog""",
        "defaults": """\
# defaults:
#   tier: standard""",
    },
    "github": {
        "forge": """\
# Where repositories live. `credential`: any (GITHUB_TOKEN, else the gh CLI), gh, env:NAME, file:PATH, or app with
# app: {{id: 1, installation: 2, private_key: env:NAME}}. An Enterprise Server's api is https://HOST/api/v3.
forge:
  kind: github
  api: {api}
  credential: any
  # GitHub has `internal` with Enterprise only.
  visibility: private""",
        "registry": "ghcr.io/{organisation}",
        "catalog": """\
# Where it is known what there is: Backstage entities in the repository `catalog`.
catalog:
  kind: repository""",
        "defaults": """\
defaults:
  visibility: private""",
    },
}
"""What differs in a new platform.yaml by where its repositories live."""
_API: Final = "https://api.github.com"


@dataclass(frozen=True)
class Options:
    """What `init` was asked for."""

    organisation: str
    file: Path | None = None
    forge: str = ""
    """`local` or `github`; `local` for a new platform when it is empty."""
    api: str = ""
    """Another API than that of github.com."""


def init(options: Options, session: Session, approve: Approve) -> tuple[Path, bool, Outcome]:
    """Write platform.yaml unless it is there, and prepare the organisation; again, it changes nothing.

    Gives the file, whether it was written now, and the outcome of the run.
    """
    if options.forge not in ("", *_FORGES):
        raise BadInput(f"forge: there is none of kind {options.forge!r}", hint=f"Known: {', '.join(_FORGES)}")
    if options.api and options.forge != "github":
        raise BadInput("--api is the address of a GitHub", hint="Give --forge github too")
    if options.forge == "github" and not options.organisation:
        raise BadInput("organisation is missing (its name on GitHub)", hint="Give it with --org")
    if options.organisation and (why := problem_with(schema("platform"), "organisation", options.organisation)):
        raise BadInput(f"organisation: {why}")
    file = (options.file or session.wiring.config.source or session.home.path / FILE).resolve()
    written = not file.exists()
    if written:
        text = text_of(options)
        found = config.of_document(Document(text, str(file)), file)
    else:
        found = config.load_file(file)
        _check_same(options, found)
    now = Session(session.home, Wiring(found, session.home), session.readers, session.command, session.stop)
    check(now)
    if written:
        session.home.prepare()
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_schema(file.parent)
        write_atomically(file, text.encode())
    return file, written, prepare(now, approve)


def text_of(options: Options) -> str:
    """A new platform.yaml with every field that is likely to be changed."""
    organisation = options.organisation or EMBEDDED
    api = json.dumps(options.api or _API)
    parts = _FORGES[options.forge or "local"]
    given = {name: part.format(organisation=organisation, api=api) for name, part in parts.items()}
    return _TEMPLATE.format(schema="platform.schema.json", organisation=organisation, **given)


def _check_same(options: Options, found: Config) -> None:
    """Raise `BadConfig` when a platform.yaml that is there says something else than was asked for."""
    said = {
        "organisation": (options.organisation, found.organisation),
        "forge": (options.forge, found.data["forge"]["kind"]),
        "api": (options.api, found.data["forge"]["api"]),
    }
    for name, (asked, is_) in said.items():
        if asked not in ("", is_):
            raise BadConfig(f"this platform is of {name} {is_!r}", where=str(found.source), hint="Edit it by hand")


def check(session: Session) -> None:
    """Raise, before anything is written, `NoAccess` for a tool or a permission that is missing."""
    session.wiring.check(session.wiring.recipe(ORGANISATION), {})
    session.wiring.ports["forge"].check_access("")


def prepare(session: Session, approve: Approve | None = None) -> Outcome:
    """Bring the organisation's own repositories to what this platformctl ships."""
    recipe = session.wiring.recipe(ORGANISATION)
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
        session.wiring.ports["forge"].check_access("")  # what is not seen may be there
        raise not_prepared(session.wiring.config)
    check(session)
    quiet = Session(session.home, session.wiring, (), "init", session.stop)
    prepare(quiet)
    return True


def _write_schema(folder: Path) -> None:
    target = folder / "platform.schema.json"
    write_atomically(target, (json.dumps(schema("platform"), indent=2) + "\n").encode())
