locals {
  # A replica works on one message at a time, so this is about how many messages a new one waits behind.
  messages_per_replica = 10

  prometheus = "http://prometheus.${local.organisation.monitoring_namespace}.svc:9090"

  scaling_manifests = {
    "52-scaledobject.yaml" = yamlencode({
      apiVersion = "keda.sh/v1alpha1"
      kind       = "ScaledObject"
      metadata   = module.base.metadata
      spec = {
        scaleTargetRef = { apiVersion = "apps/v1", kind = "Deployment", name = var.name }
        # Never none: the replicas themselves report what waits.
        minReplicaCount = module.base.limits.min_replicas
        maxReplicaCount = module.base.limits.max_replicas
        triggers = [{
          type       = "prometheus"
          metricType = "AverageValue"
          metadata = {
            serverAddress = local.prometheus
            # Every replica reports the whole queue.
            query     = "max(messaging_queue_messages{service=\"${var.name}\",environment=\"${var.environment}\"})"
            threshold = tostring(local.messages_per_replica)
            # No metric is no empty queue: the number of replicas stays as it is.
            ignoreNullValues = "false"
          }
        }]
      }
    })
  }
}
