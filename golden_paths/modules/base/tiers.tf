locals {
  # Cpu and memory are of one replica. `spread` says for each topology key what happens to a replica
  # that would tilt the balance: DoNotSchedule (it waits) or ScheduleAnyway (it runs).
  tiers = {
    standard = {
      min_replicas             = 2
      max_replicas             = 6
      cpu_request_millicores   = 100
      cpu_limit_millicores     = 500
      memory_request_mebibytes = 128
      memory_limit_mebibytes   = 256
      spread                   = {}
    }
    high-availability = {
      min_replicas             = 3
      max_replicas             = 12
      cpu_request_millicores   = 250
      cpu_limit_millicores     = 1000
      memory_request_mebibytes = 256
      memory_limit_mebibytes   = 512
      spread = {
        "topology.kubernetes.io/zone" = "DoNotSchedule"
        "kubernetes.io/hostname"      = "ScheduleAnyway"
      }
    }
    batch = {
      min_replicas             = 1
      max_replicas             = 3
      cpu_request_millicores   = 500
      cpu_limit_millicores     = 1000
      memory_request_mebibytes = 512
      memory_limit_mebibytes   = 1024
      spread                   = {}
    }
  }

  tier = local.tiers[var.tier]

  requests = {
    cpu    = "${local.tier.cpu_request_millicores}m"
    memory = "${local.tier.memory_request_mebibytes}Mi"
  }
  limits = {
    cpu    = "${local.tier.cpu_limit_millicores}m"
    memory = "${local.tier.memory_limit_mebibytes}Mi"
  }
}
