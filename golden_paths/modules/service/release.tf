locals {
  golden_path = {
    name    = "service"
    version = "1.0.0"
  }
}
