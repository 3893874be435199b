variables {
  name        = "payments-api"
  team        = "payments"
  environment = "production"
  tier        = "standard"
}

run "every_output_is_known_at_plan_time" {
  command = plan

  assert {
    condition     = output.namespace == "payments-api-production"
    error_message = "the namespace is NAME-ENVIRONMENT"
  }
  assert {
    condition     = output.module_version == local.golden_path.version
    error_message = "the module's version is the golden path's"
  }
  assert {
    condition     = output.digest == sha256(join("", [for file, text in output.manifests : "${sha256(text)}  ${file}\n"]))
    error_message = "the digest is over all manifests"
  }
  assert {
    condition     = contains(output.notes, "IAM role ${output.iam_role} is expected to exist; it is created by ${local.organisation.iam.created_by}.")
    error_message = "people are told who creates the IAM role"
  }
  assert {
    condition     = output.limits.cpu_request_millicores <= output.limits.cpu_limit_millicores && output.limits.memory_request_mebibytes <= output.limits.memory_limit_mebibytes
    error_message = "a request is above its limit"
  }
}

run "files_are_in_the_order_of_kubectl_apply" {
  command = plan

  assert {
    condition     = alltrue([for file in keys(output.manifests) : can(regex("^[0-9]{2}-[a-z-]+[.]yaml$", file))])
    error_message = "a file's name has no number"
  }
  assert {
    condition     = length(distinct([for file in keys(output.manifests) : substr(file, 0, 2)])) == length(output.manifests)
    error_message = "two files share a number"
  }
  assert {
    condition     = keys(output.manifests)[0] == "00-namespace.yaml"
    error_message = "the namespace comes first"
  }
  assert {
    condition     = keys(terraform_data.manifest) == keys(output.manifests)
    error_message = "a plan does not name every manifest"
  }
}

run "everything_is_labelled" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for manifest in concat(
        [for text in values(output.manifests) : yamldecode(text)],
        [yamldecode(output.manifests["50-deployment.yaml"]).spec.template],
        ) : [for label, value in {
          "app.kubernetes.io/name"       = "payments-api"
          "app.kubernetes.io/managed-by" = "platformctl"
          "platformctl/team"             = "payments"
          "platformctl/environment"      = "production"
          "platformctl/tier"             = "standard"
          "platformctl/golden-path"      = "service"
          "platformctl/module-version"   = local.golden_path.version
      } : manifest.metadata.labels[label] == value]
    ]))
    error_message = "a manifest or the pod template lacks a standard label"
  }
  assert {
    condition = alltrue([
      for selector in [
        yamldecode(output.manifests["50-deployment.yaml"]).spec.selector.matchLabels,
        yamldecode(output.manifests["51-service.yaml"]).spec.selector,
        yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.selector.matchLabels,
      ] : selector == { "app.kubernetes.io/name" = "payments-api" }
    ])
    error_message = "a selector holds more than the service's name"
  }
}

run "everything_is_in_the_namespace" {
  command = plan

  assert {
    condition = alltrue([
      for file, text in output.manifests :
      yamldecode(text).metadata.namespace == output.namespace if file != "00-namespace.yaml"
    ])
    error_message = "a manifest is outside the service's namespace"
  }
  assert {
    condition     = yamldecode(output.manifests["00-namespace.yaml"]).metadata.name == output.namespace
    error_message = "the namespace has another name"
  }
}
