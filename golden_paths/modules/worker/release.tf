locals {
  golden_path = {
    name    = "worker"
    version = "1.1.0"
  }
}
