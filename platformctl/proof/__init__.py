"""The proof that a service is observable: it is run, watched, broken on purpose, and its page is seen to arrive."""
