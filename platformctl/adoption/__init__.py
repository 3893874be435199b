"""What is in a repository that platformctl did not make, and what of a golden path fits it. Nothing here reads or
writes: the repository comes as data."""
