"""Logs, metrics, traces and health, the same in every worker.

The platform owns this folder: change it in the golden path, not here.
"""
