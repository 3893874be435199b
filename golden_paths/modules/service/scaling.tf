locals {
  scaling_manifests = {
    "52-horizontalpodautoscaler.yaml" = yamlencode({
      apiVersion = "autoscaling/v2"
      kind       = "HorizontalPodAutoscaler"
      metadata   = module.base.metadata
      spec = {
        scaleTargetRef = { apiVersion = "apps/v1", kind = "Deployment", name = var.name }
        minReplicas    = module.base.limits.min_replicas
        maxReplicas    = module.base.limits.max_replicas
        metrics = [{
          type     = "Resource"
          resource = { name = "cpu", target = { type = "Utilization", averageUtilization = 70 } }
        }]
      }
    })
  }
}
