locals {
  golden_path = {
    name    = "service"
    version = "1.1.0"
  }
}
