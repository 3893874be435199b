"""GitHub's API as GitHub itself describes it, and what does not agree with it."""
