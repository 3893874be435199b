"""Many services that come to one version of their golden path: who goes when, how far it is. Pure, without I/O."""
