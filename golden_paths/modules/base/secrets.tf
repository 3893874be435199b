locals {
  secret_key = "${var.organisation.secrets.key_prefix}/${var.team}/${var.name}/${var.environment}"

  secret_manifests = {
    "40-externalsecret.yaml" = yamlencode({
      apiVersion = "external-secrets.io/v1"
      kind       = "ExternalSecret"
      metadata   = local.metadata
      spec = {
        refreshInterval = "1h"
        secretStoreRef  = { kind = var.organisation.secrets.store_kind, name = var.organisation.secrets.store_name }
        target          = { name = var.name }
        dataFrom        = [{ extract = { key = local.secret_key } }]
      }
    })
  }
}
