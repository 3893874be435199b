locals {
  port = 8080

  environment_variables = {
    SERVICE_NAME                = var.name
    SERVICE_TEAM                = var.team
    SERVICE_ENVIRONMENT         = var.environment
    SERVICE_TIER                = var.tier
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://otel-collector.${var.organisation.otlp.namespace}.svc:${var.organisation.otlp.port}"
  }

  workload_manifests = {
    "50-deployment.yaml" = yamlencode({
      apiVersion = "apps/v1"
      kind       = "Deployment"
      metadata   = local.metadata
      # No `replicas`: their number belongs to the autoscaler.
      spec = {
        selector = { matchLabels = local.selector }
        strategy = { type = "RollingUpdate", rollingUpdate = { maxSurge = "25%", maxUnavailable = 0 } }
        template = {
          metadata = {
            labels = local.labels
            annotations = {
              "prometheus.io/scrape" = "true"
              "prometheus.io/path"   = "/metrics"
              "prometheus.io/port"   = tostring(local.port)
            }
          }
          spec = merge(local.pod, local.pod_spread)
        }
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

  pod = {
    serviceAccountName            = var.name
    enableServiceLinks            = false
    terminationGracePeriodSeconds = var.shutdown.patience_seconds
    securityContext = {
      runAsNonRoot   = true
      runAsUser      = 10001
      runAsGroup     = 10001
      seccompProfile = { type = "RuntimeDefault" }
    }
    containers = [local.container]
    volumes    = [{ name = "tmp", emptyDir = { sizeLimit = "64Mi" } }]
  }

  container = merge({
    name = var.name
    # No tag: the environment's kustomization says which version runs.
    image = "${var.organisation.registry}/${var.name}"
    ports = [{ name = "http", containerPort = local.port, protocol = "TCP" }]

    env = [for name, value in local.environment_variables : { name = name, value = value }]
    # Optional, so that a service without secrets starts.
    envFrom = [{ secretRef = { name = var.name, optional = true } }]

    resources = { requests = local.requests, limits = local.limits }

    startupProbe   = { httpGet = { path = "/healthz", port = local.port }, periodSeconds = 2, timeoutSeconds = 2, failureThreshold = 30 }
    livenessProbe  = { httpGet = { path = "/healthz", port = local.port }, periodSeconds = 10, timeoutSeconds = 2, failureThreshold = 3 }
    readinessProbe = { httpGet = { path = "/readyz", port = local.port }, periodSeconds = 5, timeoutSeconds = 2, failureThreshold = 3 }

    securityContext = {
      allowPrivilegeEscalation = false
      readOnlyRootFilesystem   = true
      capabilities             = { drop = ["ALL"] }
    }
    volumeMounts = [{ name = "tmp", mountPath = "/tmp" }]
  }, local.notice)

  # Kubernetes refuses to sleep for no time.
  notice = {
    for field, hook in { lifecycle = { preStop = { sleep = { seconds = var.shutdown.notice_seconds } } } } : field => hook
    if var.shutdown.notice_seconds > 0
  }

  # Without constraints of its own a pod gets the cluster's, so an empty list is left out.
  pod_spread = {
    for field, constraints in { topologySpreadConstraints = local.spread_constraints } : field => constraints
    if length(constraints) > 0
  }

  spread_constraints = [for key, when_unsatisfiable in local.tier.spread : {
    topologyKey       = key
    maxSkew           = 1
    whenUnsatisfiable = when_unsatisfiable
    labelSelector     = { matchLabels = local.selector }
    # Each version is balanced by itself; else a rollout ends lopsided.
    matchLabelKeys = ["pod-template-hash"]
    # A zone whose nodes are lost or closed is no zone to wait for.
    nodeTaintsPolicy = "Honor"
  }]
}
