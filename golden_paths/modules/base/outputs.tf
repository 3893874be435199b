# Every output comes from locals, so that it is known at plan time.

output "manifests" {
  description = "The manifests that everything gets: file name to YAML text. The numbers 22, 51 and 52 are the caller's."
  value       = local.manifests
}

output "metadata" {
  description = "The metadata of a manifest: name, namespace and labels."
  value       = local.metadata
}

output "selector" {
  description = "The labels by which the service's pods are found."
  value       = local.selector
}

output "port" {
  description = "The port on which the service listens."
  value       = local.port
}

output "namespace" {
  description = "The namespace that holds the service in this environment."
  value       = local.namespace
}

output "iam_role" {
  description = "The IAM role that the service's ServiceAccount names."
  value       = local.iam_role
}

output "limits" {
  description = "The tier's numbers: cpu and memory of one replica, and how many replicas there may be."
  value       = { for number, value in local.tier : number => value if number != "spread" }
}

output "notes" {
  description = "Sentences for people: what is expected to exist, and what the tier needs."
  value = {
    expected = [
      "IAM role ${local.iam_role} is expected to exist; it is created by ${var.organisation.iam.created_by}.",
      "Secrets are read from ${local.secret_key} in ${var.organisation.secrets.store_kind} ${var.organisation.secrets.store_name}; until it exists the service starts without them.",
    ]
    tier = [
      for key, when_unsatisfiable in local.tier.spread : "Replicas wait until nodes carry the label ${key}; tier ${var.tier} is spread over it."
      if when_unsatisfiable == "DoNotSchedule"
    ]
  }
}
