# Every output comes from locals, never from the resources, so that it is known at plan time.

output "manifests" {
  description = "The Kubernetes manifests: file name to YAML text, in the order in which they are to be applied."
  value       = local.manifests
}

output "namespace" {
  description = "The namespace that holds the service in this environment."
  value       = module.base.namespace
}

output "iam_role" {
  description = "The IAM role that the service's ServiceAccount names."
  value       = module.base.iam_role
}

output "module_version" {
  description = "The module's version, which made the manifests; what it was released as."
  value       = local.golden_path.version
}

output "digest" {
  description = "One SHA-256 over all manifests; in a folder of them, what `sha256sum *.yaml | sha256sum` prints."
  value       = sha256(join("", [for file, text in local.manifests : "${sha256(text)}  ${file}\n"]))
}

output "limits" {
  description = "The tier's numbers: cpu and memory of one replica, and how many replicas there may be."
  value       = module.base.limits
}

output "notes" {
  description = "What people should know: what the manifests expect and do not make."
  value = concat(
    module.base.notes.expected,
    ["Outgoing traffic is closed except to DNS and OpenTelemetry; what else the service calls needs a NetworkPolicy of its own."],
    module.base.notes.tier,
  )
}
