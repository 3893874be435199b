variables {
  name        = "payments-api"
  team        = "payments"
  environment = "staging"
  tier        = "standard"
}

run "shortest_values_are_accepted" {
  command = plan
  variables {
    name = "api"
    team = "a"
  }
}

run "longest_values_are_accepted" {
  command = plan
  variables {
    name        = "a123456789-123456789-123456789z"
    team        = "a123456789-123456789-123456789-1234567z"
    environment = "production"
    tier        = "high-availability"
  }

  assert {
    condition = alltrue([
      for text in values(output.manifests) :
      can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", yamldecode(text).metadata.name))
    ])
    error_message = "a manifest's name is not a DNS label of at most 63 characters"
  }
  assert {
    condition = alltrue(flatten([
      for text in values(output.manifests) : [
        for value in values(yamldecode(text).metadata.labels) :
        can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$", value))
      ]
    ]))
    error_message = "a label's value is not one that Kubernetes takes"
  }
}

run "unknown_or_malformed_values_are_refused" {
  command = plan
  variables {
    name        = "Payments_API"
    team        = "1st"
    environment = "dev"
    tier        = "gold"
  }
  expect_failures = [var.name, var.team, var.environment, var.tier]
}

run "empty_values_are_refused" {
  command = plan
  variables {
    name        = ""
    team        = ""
    environment = ""
    tier        = ""
  }
  expect_failures = [var.name, var.team, var.environment, var.tier]
}

run "values_are_refused_for_case_and_space" {
  command = plan
  variables {
    name        = "payments-api\n"
    team        = " payments"
    environment = "Production"
    tier        = "batch "
  }
  expect_failures = [var.name, var.team, var.environment, var.tier]
}

run "a_name_of_2_is_too_short" {
  command = plan
  variables {
    name = "ab"
  }
  expect_failures = [var.name]
}

run "a_name_of_32_and_a_team_of_40_are_too_long" {
  command = plan
  variables {
    name = "a123456789-123456789-123456789-z"
    team = "a123456789-123456789-123456789-12345678z"
  }
  expect_failures = [var.name, var.team]
}

run "a_last_hyphen_is_refused" {
  command = plan
  variables {
    name = "payments-"
    team = "payments-"
  }
  expect_failures = [var.name, var.team]
}
