variable "name" {}
variable "team" {}
variable "environment" {}
variable "tier" {}

resource "terraform_data" "thing" {
  input = "${var.name} ${var.tier}"
}

output "manifests" {
  value = { "a.yaml" = var.tier }
}

output "namespace" {
  value = var.name
}

output "iam_role" {
  value = var.name
}

output "module_version" {
  value = "1.0.0"
}

output "limits" {
  value = {}
}
