# Every output comes from locals, never from the resources, so that it is known at plan time.

output "manifests" {
  description = "The Kubernetes manifests: file name to YAML text, in the order in which they are to be applied."
  value       = local.manifests
}

output "namespace" {
  description = "The namespace that holds the service in this environment."
  value       = local.namespace
}

output "iam_role" {
  description = "The IAM role that the service's ServiceAccount names."
  value       = local.iam_role
}

output "module_version" {
  description = "The version of the golden path that made the manifests."
  value       = local.golden_path.version
}

output "digest" {
  description = "One SHA-256 over all manifests; in a folder of them, what `sha256sum *.yaml | sha256sum` prints."
  value       = sha256(join("", [for file, text in local.manifests : "${sha256(text)}  ${file}\n"]))
}

output "limits" {
  description = "The tier's numbers: cpu and memory of one replica, and how many replicas there may be."
  value       = { for number, value in local.tier : number => value if number != "spread" }
}

output "notes" {
  description = "What people should know: what the manifests expect and do not make."
  value = concat(
    [
      "IAM role ${local.iam_role} is expected to exist; it is created by ${local.organisation.iam.created_by}.",
      "Secrets are read from ${local.secret_key} in ${local.organisation.secrets.store_kind} ${local.organisation.secrets.store_name}; until it exists the service starts without them.",
      "Outgoing traffic is closed except to DNS and OpenTelemetry; what else the service calls needs a NetworkPolicy of its own.",
    ],
    [
      for key, when_unsatisfiable in local.tier.spread : "Replicas wait until nodes carry the label ${key}; tier ${var.tier} is spread over it."
      if when_unsatisfiable == "DoNotSchedule"
    ],
  )
}
