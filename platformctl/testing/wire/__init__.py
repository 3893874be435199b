"""What the small servers for tests have in common: HTTP, a record of it, and bad weather on command."""
