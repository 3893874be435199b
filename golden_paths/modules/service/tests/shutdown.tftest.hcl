variables {
  name        = "payments-api"
  team        = "payments"
  environment = "staging"
  tier        = "standard"
}

run "a_replica_goes_on_until_every_node_knows_that_it_leaves" {
  command = plan

  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.containers[0].lifecycle == { preStop = { sleep = { seconds = 5 } } }
    error_message = "requests still arrive when it is told to end"
  }
  assert {
    condition     = yamldecode(output.manifests["50-deployment.yaml"]).spec.template.spec.terminationGracePeriodSeconds == 30
    error_message = "the patience is not what the service's own timeouts add up to"
  }
}
