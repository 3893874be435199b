"""Two versions of a golden path compared: what has changed, and whether services break, gain or are mended by it."""
