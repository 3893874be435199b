locals {
  manifests = merge(
    local.namespace_manifests,
    local.network_manifests,
    local.access_manifests,
    local.secret_manifests,
    local.workload_manifests,
    local.scaling_manifests,
  )
}

# One a manifest, so that a plan names what changed; what changed in it is in the output `manifests`.
resource "terraform_data" "manifest" {
  for_each = local.manifests

  input = sha256(each.value)
}
