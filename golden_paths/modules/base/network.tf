locals {
  network_manifests = {
    "20-networkpolicy-default-deny.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(local.metadata, { name = "default-deny" })
      spec = {
        podSelector = {}
        policyTypes = ["Ingress", "Egress"]
      }
    })

    "21-networkpolicy-allow-dns.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(local.metadata, { name = "allow-dns" })
      spec = {
        podSelector = { matchLabels = local.selector }
        policyTypes = ["Egress"]
        egress = [{
          to    = [local.peers.dns]
          ports = [{ protocol = "UDP", port = 53 }, { protocol = "TCP", port = 53 }]
        }]
      }
    })

    "23-networkpolicy-allow-scrape.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(local.metadata, { name = "allow-scrape" })
      spec = {
        podSelector = { matchLabels = local.selector }
        policyTypes = ["Ingress"]
        ingress = [{
          from  = [local.peers.monitoring]
          ports = [{ protocol = "TCP", port = local.port }]
        }]
      }
    })

    "24-networkpolicy-allow-otlp.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(local.metadata, { name = "allow-otlp" })
      spec = {
        podSelector = { matchLabels = local.selector }
        policyTypes = ["Egress"]
        egress = [{
          to    = [local.peers.otlp]
          ports = [{ protocol = "TCP", port = var.organisation.otlp.port }]
        }]
      }
    })
  }

  # Kubernetes itself puts this label on every namespace.
  peers = {
    for peer, namespace in {
      dns        = "kube-system"
      monitoring = var.organisation.monitoring_namespace
      otlp       = var.organisation.otlp.namespace
    } : peer => { namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = namespace } } }
  }
}
