"""Renderers: inputs in, files out."""
