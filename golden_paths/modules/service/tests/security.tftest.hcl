variables {
  name        = "payments-api"
  team        = "payments"
  environment = "staging"
  tier        = "standard"
}

run "pods_are_restricted" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for mode in ["enforce", "audit", "warn"] : [
        yamldecode(output.manifests["00-namespace.yaml"]).metadata.labels["pod-security.kubernetes.io/${mode}"] == "restricted",
        yamldecode(output.manifests["00-namespace.yaml"]).metadata.labels["pod-security.kubernetes.io/${mode}-version"] == "latest",
      ]
    ]))
    error_message = "the namespace takes pods that are not restricted"
  }
  assert {
    condition = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.securityContext == {
      runAsNonRoot   = true
      runAsUser      = 10001
      runAsGroup     = 10001
      seccompProfile = { type = "RuntimeDefault" }
    }
    error_message = "the pod is not restricted"
  }
  assert {
    condition = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].securityContext == {
      allowPrivilegeEscalation = false
      readOnlyRootFilesystem   = true
      capabilities             = { drop = ["ALL"] }
    }
    error_message = "the container is not restricted"
  }
}

run "the_network_is_closed_by_default" {
  command = plan

  assert {
    condition = yamldecode(output.manifests["20-networkpolicy-default-deny.yaml"]).spec == {
      podSelector = {}
      policyTypes = ["Ingress", "Egress"]
    }
    error_message = "some traffic is open by default"
  }
  assert {
    condition = {
      for file, text in output.manifests : yamldecode(text).metadata.name => [
        for rule in concat(try(yamldecode(text).spec.ingress, []), try(yamldecode(text).spec.egress, [])) : [
          [for peer in concat(try(rule.from, []), try(rule.to, [])) : peer.namespaceSelector.matchLabels["kubernetes.io/metadata.name"]],
          [for port in rule.ports : "${port.protocol}/${port.port}"],
        ]
      ] if yamldecode(text).kind == "NetworkPolicy"
      } == {
      default-deny  = []
      allow-dns     = [[["kube-system"], ["UDP/53", "TCP/53"]]]
      allow-gateway = [[[local.organisation.gateway_namespace], ["TCP/8080"]]]
      allow-scrape  = [[[local.organisation.monitoring_namespace], ["TCP/8080"]]]
      allow-otlp    = [[[local.organisation.otlp.namespace], ["TCP/${local.organisation.otlp.port}"]]]
    }
    error_message = "the network is open to more, or to less, than it should be"
  }
}

run "the_team_may_look_and_restart_and_no_more" {
  command = plan

  assert {
    condition = sort(distinct(flatten([
      for rule in yamldecode(output.manifests["31-role.yaml"]).rules : [
        for kind in rule.resources : [for verb in rule.verbs : "${verb} ${kind}" if !contains(["get", "list", "watch"], verb)]
      ]
    ]))) == tolist(["create pods/portforward", "patch deployments"])
    error_message = "the team may change more than it should"
  }
  assert {
    condition     = !contains(flatten([for rule in yamldecode(output.manifests["31-role.yaml"]).rules : rule.resources]), "secrets")
    error_message = "the team may read secrets"
  }
  assert {
    condition     = yamldecode(output.manifests["32-rolebinding.yaml"]).subjects[0].name == "${local.organisation.name}:payments"
    error_message = "the rights are not the team's"
  }
}

run "the_service_has_one_identity" {
  command = plan

  assert {
    condition     = yamldecode(output.manifests["30-serviceaccount.yaml"]).metadata.annotations == { (local.organisation.iam.annotation) = output.iam_role }
    error_message = "the ServiceAccount does not name its IAM role"
  }
  assert {
    condition     = !yamldecode(output.manifests["30-serviceaccount.yaml"]).automountServiceAccountToken
    error_message = "pods get a token for the Kubernetes API"
  }
  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.serviceAccountName == yamldecode(output.manifests["30-serviceaccount.yaml"]).metadata.name
    error_message = "the pods run under another ServiceAccount"
  }
  assert {
    condition     = !can(regex("[{}]", output.iam_role))
    error_message = "a placeholder is left in the IAM role"
  }
}

run "secrets_are_references" {
  command = plan

  assert {
    condition     = yamldecode(output.manifests["40-externalsecret.yaml"]).spec.dataFrom == [{ extract = { key = "${local.organisation.secrets.key_prefix}/payments/payments-api/staging" } }]
    error_message = "the secret's key is PREFIX/TEAM/NAME/ENVIRONMENT"
  }
  assert {
    condition = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].envFrom == [{
      secretRef = { name = yamldecode(output.manifests["40-externalsecret.yaml"]).spec.target.name, optional = true }
    }]
    error_message = "the container does not read the ExternalSecret's secret"
  }
}
