"""What a new platform.yaml says, for `platformctl init`."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
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

# What every pipeline is given, secrets by reference (env:NAME or file:PATH); whether staging is a deployment
# environment on the forge; and with what CI brings a merged change of a service's record to the other planes.
ci:
  attest: false
  # variables: {{REGISTRY_USERNAME: robot}}
  # secrets: {{REGISTRY_PASSWORD: env:REGISTRY_PASSWORD}}
  environments: false
  # apply: {{platformctl: platformctl==0.1.0, platform: {organisation}/platform, planes: [delivery, security]}}

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
"""With every field that is likely to be changed; `{…}` is filled in."""

FORGES: Final = {
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
