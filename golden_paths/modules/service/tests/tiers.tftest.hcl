variables {
  name        = "payments-api"
  team        = "payments"
  environment = "staging"
}

run "standard" {
  command = plan
  variables {
    tier = "standard"
  }

  assert {
    condition     = [yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.minReplicas, yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.maxReplicas] == [2, 6]
    error_message = "standard runs 2 to 6 replicas"
  }
  assert {
    condition     = [output.limits.min_replicas, output.limits.max_replicas] == [2, 6]
    error_message = "the output is not what the autoscaler has"
  }
  assert {
    condition     = yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.maxUnavailable == 1 && !can(yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.minAvailable)
    error_message = "a drain takes more than one replica at a time, or is blocked"
  }
  assert {
    condition     = !can(yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.topologySpreadConstraints)
    error_message = "standard leaves the spreading to the cluster"
  }
  assert {
    condition     = length(output.notes) == 3
    error_message = "standard needs no zones"
  }
}

run "high_availability" {
  command = plan
  variables {
    tier = "high-availability"
  }

  assert {
    condition     = [yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.minReplicas, yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.maxReplicas] == [3, 12]
    error_message = "high-availability runs 3 to 12 replicas"
  }
  assert {
    condition     = [output.limits.min_replicas, output.limits.max_replicas] == [3, 12]
    error_message = "the output is not what the autoscaler has"
  }
  assert {
    condition     = yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.maxUnavailable == 1 && !can(yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.minAvailable)
    error_message = "a drain takes more than one replica at a time, or is blocked"
  }
  assert {
    condition = {
      for constraint in yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.topologySpreadConstraints :
      constraint.topologyKey => constraint.whenUnsatisfiable
      } == {
      "topology.kubernetes.io/zone" = "DoNotSchedule"
      "kubernetes.io/hostname"      = "ScheduleAnyway"
    }
    error_message = "high-availability is spread over zones always, over nodes where it can be"
  }
  assert {
    condition     = anytrue([for note in output.notes : strcontains(note, "topology.kubernetes.io/zone")])
    error_message = "people are told that high-availability needs zones"
  }
}

run "batch" {
  command = plan
  variables {
    tier = "batch"
  }

  assert {
    condition     = [yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.minReplicas, yamldecode(output.manifests["52-horizontalpodautoscaler.yaml"]).spec.maxReplicas] == [1, 3]
    error_message = "batch runs 1 to 3 replicas"
  }
  assert {
    condition     = [output.limits.min_replicas, output.limits.max_replicas] == [1, 3]
    error_message = "the output is not what the autoscaler has"
  }
  assert {
    condition     = yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.maxUnavailable == 1 && !can(yamldecode(output.manifests["53-poddisruptionbudget.yaml"]).spec.minAvailable)
    error_message = "a drain takes more than one replica at a time, or is blocked"
  }
}

run "the_number_of_replicas_is_the_autoscalers_alone" {
  command = plan
  variables {
    tier = "standard"
  }

  assert {
    condition     = !can(yamldecode(output.manifests["50-deployment.yaml"]).spec.replicas)
    error_message = "the Deployment and the autoscaler would fight over the number of replicas"
  }
}

run "requests_limits_and_quota_agree" {
  command = plan
  variables {
    tier = "batch"
  }

  assert {
    condition = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].resources == {
      requests = { cpu = "500m", memory = "512Mi" }
      limits   = { cpu = "1000m", memory = "1024Mi" }
    }
    error_message = "the container's resources are not the tier's"
  }
  assert {
    condition = yamldecode(output.manifests["11-limitrange.yaml"]).spec.limits[0] == {
      type           = "Container"
      defaultRequest = { cpu = "500m", memory = "512Mi" }
      default        = { cpu = "1000m", memory = "1024Mi" }
      max            = { cpu = "1000m", memory = "1024Mi" }
    }
    error_message = "the LimitRange is not the tier's"
  }
  assert {
    condition = yamldecode(output.manifests["10-resourcequota.yaml"]).spec.hard == {
      pods                     = "6"
      "requests.cpu"           = "3000m"
      "requests.memory"        = "3072Mi"
      "limits.cpu"             = "6000m"
      "limits.memory"          = "6144Mi"
      "services.loadbalancers" = "0"
      "services.nodeports"     = "0"
    }
    error_message = "the quota is not room for twice the tier's largest size"
  }
}
