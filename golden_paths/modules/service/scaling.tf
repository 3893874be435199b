locals {
  scaling_manifests = {
    "52-horizontalpodautoscaler.yaml" = yamlencode({
      apiVersion = "autoscaling/v2"
      kind       = "HorizontalPodAutoscaler"
      metadata   = local.metadata
      spec = {
        scaleTargetRef = { apiVersion = "apps/v1", kind = "Deployment", name = var.name }
        minReplicas    = local.tier.min_replicas
        maxReplicas    = local.tier.max_replicas
        metrics = [{
          type     = "Resource"
          resource = { name = "cpu", target = { type = "Utilization", averageUtilization = 70 } }
        }]
      }
    })

    "53-poddisruptionbudget.yaml" = yamlencode({
      apiVersion = "policy/v1"
      kind       = "PodDisruptionBudget"
      metadata   = local.metadata
      spec = {
        selector = { matchLabels = local.selector }
        # One at a time, at any size: a minimum would stop a node from draining when one replica is all there is,
        # and so would a replica that never becomes ready.
        maxUnavailable             = 1
        unhealthyPodEvictionPolicy = "AlwaysAllow"
      }
    })
  }
}
