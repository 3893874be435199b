# Checked by the modules that people call.

variable "name" {
  description = "The service's name: the name of its workload, and with the environment of its namespace."
  type        = string
  nullable    = false
}

variable "team" {
  description = "The slug of the team that owns the service; its members may look at it and restart it."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Where the service runs: staging or production."
  type        = string
  nullable    = false
}

variable "tier" {
  description = "How much the service gets and how it is spread: standard, high-availability or batch."
  type        = string
  nullable    = false
}

variable "organisation" {
  description = "The organisation's settings, as platformctl writes them into `organisation.tf.json`."
  type        = any
  nullable    = false
}

variable "golden_path" {
  description = "The golden path that the calling module belongs to, and the module's version, for the labels."
  type        = object({ name = string, version = string })
  nullable    = false
}

variable "autoscalers" {
  description = "What decides the number of replicas: API group to resource; the team may look at them."
  type        = map(string)
  nullable    = false
}

variable "shutdown" {
  description = "Seconds that a replica goes on as before when it is to end (0: none), and seconds after which it is killed, the first included."
  type        = object({ notice_seconds = number, patience_seconds = number })
  nullable    = false
}
