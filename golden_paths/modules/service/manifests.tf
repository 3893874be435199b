module "base" {
  source = "../base"

  name         = var.name
  team         = var.team
  environment  = var.environment
  tier         = var.tier
  organisation = local.organisation
  golden_path  = local.golden_path
  autoscalers  = { autoscaling = "horizontalpodautoscalers" }
  # Requests still arrive until every node has learned that the pod is leaving.
  shutdown = { notice_seconds = 5, patience_seconds = 30 }
}

locals {
  manifests = merge(
    module.base.manifests,
    local.network_manifests,
    local.scaling_manifests,
  )
}

# One a manifest, so that a plan names what changed; what changed in it is in the output `manifests`.
resource "terraform_data" "manifest" {
  for_each = local.manifests

  input = sha256(each.value)
}
