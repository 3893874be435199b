variable "name" {
  description = "The service's name: the name of its workload, and with the environment of its namespace."
  type        = string
  nullable    = false

  # A last hyphen would make names and label values that Kubernetes refuses.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name)) && !endswith(var.name, "-")
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen; got \"${var.name}\"."
  }
}

variable "team" {
  description = "The slug of the team that owns the service; its members may look at it and restart it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,38}$", var.team)) && !endswith(var.team, "-")
    error_message = "team must be 1 to 39 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen; got \"${var.team}\"."
  }
}

variable "environment" {
  description = "Where the service runs: staging or production."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production; got \"${var.environment}\"."
  }
}

variable "tier" {
  description = "How much the service gets and how it is spread: standard, high-availability or batch."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["standard", "high-availability", "batch"], var.tier)
    error_message = "tier must be standard, high-availability or batch; got \"${var.tier}\"."
  }
}
