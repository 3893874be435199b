# What differs from a service; what is the same is the module `base`, and tested there.

variables {
  name        = "payments-worker"
  team        = "payments"
  environment = "staging"
  tier        = "standard"
}

run "nothing_sends_it_traffic" {
  command = plan

  assert {
    condition     = !contains([for text in values(output.manifests) : yamldecode(text).kind], "Service")
    error_message = "a worker has a Service"
  }
  assert {
    condition = {
      for file, text in output.manifests : yamldecode(text).metadata.name => yamldecode(text).spec.ingress
      if yamldecode(text).kind == "NetworkPolicy" && can(yamldecode(text).spec.ingress)
      } == {
      allow-scrape = [{
        from  = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = local.organisation.monitoring_namespace } } }]
        ports = [{ protocol = "TCP", port = 8080 }]
      }]
    }
    error_message = "somebody else than monitoring can reach a worker"
  }
}

run "it_reaches_its_queue" {
  command = plan

  assert {
    condition = yamldecode(output.manifests["22-networkpolicy-allow-queue.yaml"]).spec == {
      podSelector = { matchLabels = { "app.kubernetes.io/name" = "payments-worker" } }
      policyTypes = ["Egress"]
      egress      = [{ ports = [{ protocol = "TCP", port = 6379 }] }]
    }
    error_message = "more is open to the queue than its port, or less"
  }
  assert {
    condition = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].envFrom == [{
      secretRef = { name = yamldecode(output.manifests["40-externalsecret.yaml"]).spec.target.name, optional = true }
    }]
    error_message = "the container does not read the secret with REDIS_URL"
  }
  assert {
    condition     = anytrue([for note in output.notes : strcontains(note, "REDIS_URL")])
    error_message = "people are not told where the queue's address comes from"
  }
}

run "it_scales_on_what_waits" {
  command = plan

  assert {
    condition = yamldecode(output.manifests["52-scaledobject.yaml"]).spec == {
      scaleTargetRef  = { apiVersion = "apps/v1", kind = "Deployment", name = "payments-worker" }
      minReplicaCount = 2
      maxReplicaCount = 6
      triggers = [{
        type       = "prometheus"
        metricType = "AverageValue"
        metadata = {
          serverAddress    = "http://prometheus.${local.organisation.monitoring_namespace}.svc:9090"
          query            = "max(messaging_queue_messages{service=\"payments-worker\",environment=\"staging\"})"
          threshold        = "10"
          ignoreNullValues = "false"
        }
      }]
    }
    error_message = "the ScaledObject does not say what it should"
  }
  assert {
    condition     = !contains([for text in values(output.manifests) : yamldecode(text).kind], "HorizontalPodAutoscaler")
    error_message = "two autoscalers would fight over the number of replicas"
  }
  assert {
    condition     = !can(yamldecode(output.manifests["50-deployment.yaml"]).spec.replicas)
    error_message = "the Deployment and the autoscaler would fight over the number of replicas"
  }
  assert {
    condition     = anytrue([for note in output.notes : strcontains(note, "KEDA")])
    error_message = "people are not told that KEDA is needed"
  }
  assert {
    condition     = length([for rule in yamldecode(output.manifests["31-role.yaml"]).rules : rule if rule.apiGroups == ["keda.sh"]]) == 1
    error_message = "the team may not look at its autoscaler"
  }
}

run "batch_scales_within_its_tier" {
  command = plan
  variables {
    tier = "batch"
  }

  assert {
    condition = [
      yamldecode(output.manifests["52-scaledobject.yaml"]).spec.minReplicaCount,
      yamldecode(output.manifests["52-scaledobject.yaml"]).spec.maxReplicaCount,
    ] == [1, 3]
    error_message = "batch runs 1 to 3 replicas"
  }
}

run "high_availability_scales_within_its_tier" {
  command = plan
  variables {
    tier = "high-availability"
  }

  assert {
    condition = [
      yamldecode(output.manifests["52-scaledobject.yaml"]).spec.minReplicaCount,
      yamldecode(output.manifests["52-scaledobject.yaml"]).spec.maxReplicaCount,
    ] == [3, 12]
    error_message = "high-availability runs 3 to 12 replicas"
  }
  assert {
    condition     = anytrue([for note in output.notes : strcontains(note, "topology.kubernetes.io/zone")])
    error_message = "people are told that high-availability needs zones"
  }
}

run "the_message_in_hand_is_finished" {
  command = plan

  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.terminationGracePeriodSeconds == 60
    error_message = "the worker's own patience ends before the orchestrator's does"
  }
  assert {
    condition     = !can(yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].lifecycle)
    error_message = "a worker waits for requests that nobody sends"
  }
}

run "unknown_or_malformed_values_are_refused" {
  command = plan
  variables {
    name        = "Payments_Worker"
    team        = "1st"
    environment = "dev"
    tier        = "gold"
  }
  expect_failures = [var.name, var.team, var.environment, var.tier]
}
