module "base" {
  source = "../base"

  name         = var.name
  team         = var.team
  environment  = var.environment
  tier         = var.tier
  organisation = local.organisation
  golden_path  = local.golden_path
  # KEDA makes the HorizontalPodAutoscaler.
  autoscalers = { autoscaling = "horizontalpodautoscalers", "keda.sh" = "scaledobjects" }
  # Nobody sends it requests, so nothing is announced. The message in hand has 30 seconds, all else that ends needs 16.
  shutdown = { notice_seconds = 0, patience_seconds = 60 }
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
