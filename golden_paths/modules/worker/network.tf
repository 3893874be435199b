locals {
  queue_port = 6379

  network_manifests = {
    # To anywhere: the queue's address is part of a secret, and may be inside of the cluster or outside.
    "22-networkpolicy-allow-queue.yaml" = yamlencode({
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = merge(module.base.metadata, { name = "allow-queue" })
      spec = {
        podSelector = { matchLabels = module.base.selector }
        policyTypes = ["Egress"]
        egress      = [{ ports = [{ protocol = "TCP", port = local.queue_port }] }]
      }
    })
  }
}
