"""A second GitHub to try against, made by somebody else: npm's emulate 0.12."""
