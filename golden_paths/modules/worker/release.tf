locals {
  golden_path = {
    name    = "worker"
    version = "1.0.0"
  }
}
