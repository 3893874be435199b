locals {
  labels = merge(local.selector, {
    "app.kubernetes.io/managed-by" = "platformctl"
    "platformctl/team"             = var.team
    "platformctl/environment"      = var.environment
    "platformctl/tier"             = var.tier
    "platformctl/golden-path"      = var.golden_path.name
    "platformctl/module-version"   = var.golden_path.version
  })

  # A Deployment's selector can never change, so it holds the one label that never does.
  selector = { "app.kubernetes.io/name" = var.name }

  metadata = {
    name      = var.name
    namespace = local.namespace
    labels    = local.labels
  }
}
