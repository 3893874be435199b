# What the callers decide. The manifests themselves are tested where they are called for: in the module `service`.

variables {
  name        = "payments-api"
  team        = "payments"
  environment = "staging"
  tier        = "standard"
  organisation = {
    name                 = "acme"
    registry             = "registry.example.org/acme"
    monitoring_namespace = "observability"
    otlp                 = { namespace = "telemetry", port = 4317 }
    secrets              = { store_kind = "ClusterSecretStore", store_name = "vault", key_prefix = "acme" }
    iam                  = { annotation = "example.org/role", role = "{name}-{team}-{environment}", created_by = "the cloud team" }
  }
  golden_path = { name = "example", version = "1.2.3" }
  autoscalers = { "example.org" = "scalers" }
  shutdown    = { notice_seconds = 0, patience_seconds = 7 }
}

run "the_callers_numbers_are_left_to_it" {
  command = plan

  assert {
    condition = keys(output.manifests) == [
      "00-namespace.yaml", "10-resourcequota.yaml", "11-limitrange.yaml",
      "20-networkpolicy-default-deny.yaml", "21-networkpolicy-allow-dns.yaml",
      "23-networkpolicy-allow-scrape.yaml", "24-networkpolicy-allow-otlp.yaml",
      "30-serviceaccount.yaml", "31-role.yaml", "32-rolebinding.yaml",
      "40-externalsecret.yaml", "50-deployment.yaml", "53-poddisruptionbudget.yaml",
    ]
    error_message = "everything gets other manifests than it did"
  }
  assert {
    condition     = !anytrue([for text in values(output.manifests) : contains(["Service", "HorizontalPodAutoscaler"], yamldecode(text).kind)])
    error_message = "what is not for everything is here"
  }
}

run "the_callers_golden_path_is_on_the_labels" {
  command = plan

  assert {
    condition = alltrue([
      for text in values(output.manifests) :
      yamldecode(text).metadata.labels["platformctl/golden-path"] == "example"
      && yamldecode(text).metadata.labels["platformctl/module-version"] == "1.2.3"
    ])
    error_message = "a manifest is labelled with another golden path"
  }
}

run "the_team_may_look_at_the_callers_autoscalers" {
  command = plan

  assert {
    condition = contains(yamldecode(output.manifests["31-role.yaml"]).rules, {
      apiGroups = ["example.org"], resources = ["scalers"], verbs = ["get", "list", "watch"]
    })
    error_message = "the team may not look at its autoscaler"
  }
}

run "without_notice_there_is_no_hook" {
  command = plan

  assert {
    condition     = !can(yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].lifecycle)
    error_message = "a hook would sleep for no time, which Kubernetes refuses"
  }
  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.terminationGracePeriodSeconds == 7
    error_message = "the patience is not the caller's"
  }
}

run "with_notice_there_is_one" {
  command = plan
  variables {
    shutdown = { notice_seconds = 3, patience_seconds = 7 }
  }

  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].lifecycle == { preStop = { sleep = { seconds = 3 } } }
    error_message = "the notice is not the caller's"
  }
}
