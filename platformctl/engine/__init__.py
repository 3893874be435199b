"""Plans, and what can be done with one. Knows the action protocols and no action."""
