locals {
  network_manifests = {
    "22-networkpolicy-allow-gateway.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(module.base.metadata, { name = "allow-gateway" })
      spec = {
        podSelector = { matchLabels = module.base.selector }
        policyTypes = ["Ingress"]
        ingress = [{
          from  = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = local.organisation.gateway_namespace } } }]
          ports = [{ protocol = "TCP", port = module.base.port }]
        }]
      }
    })

    "51-service.yaml" = yamlencode({
      apiVersion = "v1"
      kind       = "Service"
      metadata   = module.base.metadata
      spec = {
        type     = "ClusterIP"
        selector = module.base.selector
        ports    = [{ name = "http", protocol = "TCP", port = 80, targetPort = module.base.port }]
      }
    })
  }
}
