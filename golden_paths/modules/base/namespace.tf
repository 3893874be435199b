locals {
  namespace = "${var.name}-${var.environment}"

  # Pods of the old version count until they have ended, so a rollout at full size needs twice the room.
  quota_pods = 2 * local.tier.max_replicas

  namespace_manifests = {
    "00-namespace.yaml" = yamlencode({
      apiVersion = "v1"
      kind       = "Namespace"
      metadata = {
        name = local.namespace
        labels = merge(local.labels, [for mode in ["enforce", "audit", "warn"] : {
          "pod-security.kubernetes.io/${mode}"         = "restricted"
          "pod-security.kubernetes.io/${mode}-version" = "latest"
        }]...)
      }
    })

    "10-resourcequota.yaml" = yamlencode({
      apiVersion = "v1"
      kind       = "ResourceQuota"
      metadata   = local.metadata
      spec = {
        hard = {
          pods              = tostring(local.quota_pods)
          "requests.cpu"    = "${local.quota_pods * local.tier.cpu_request_millicores}m"
          "requests.memory" = "${local.quota_pods * local.tier.memory_request_mebibytes}Mi"
          "limits.cpu"      = "${local.quota_pods * local.tier.cpu_limit_millicores}m"
          "limits.memory"   = "${local.quota_pods * local.tier.memory_limit_mebibytes}Mi"

          # Traffic comes in through the gateway alone.
          "services.loadbalancers" = "0"
          "services.nodeports"     = "0"
        }
      }
    })

    "11-limitrange.yaml" = yamlencode({
      apiVersion = "v1"
      kind       = "LimitRange"
      metadata   = local.metadata
      spec = {
        limits = [{
          type           = "Container"
          defaultRequest = local.requests
          default        = local.limits
          max            = local.limits
        }]
      }
    })
  }
}
