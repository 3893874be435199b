locals {
  secret_key = "${local.organisation.secrets.key_prefix}/${var.team}/${var.name}/${var.environment}"

  secret_manifests = {
    "40-externalsecret.yaml" = yamlencode({
      apiVersion = "external-secrets.io/v1"
      kind       = "ExternalSecret"
      metadata   = local.metadata
      spec = {
        refreshInterval = "1h"
        secretStoreRef  = { kind = local.organisation.secrets.store_kind, name = local.organisation.secrets.store_name }
        target          = { name = var.name }
        dataFrom        = [{ extract = { key = local.secret_key } }]
      }
    })
  }
}
