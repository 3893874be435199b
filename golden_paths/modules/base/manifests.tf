locals {
  manifests = merge(
    local.namespace_manifests,
    local.network_manifests,
    local.access_manifests,
    local.secret_manifests,
    local.workload_manifests,
  )
}
