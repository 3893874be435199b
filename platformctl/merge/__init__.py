"""Merging three ways: what the service has, the version it was made with, and a new version of its golden path.

Pure: bytes and trees in, bytes and trees out.
"""

from __future__ import annotations

from platformctl.merge.content import LABELS, Content, three_way
from platformctl.merge.result import Conflict, Dispute, Fate, Merged, Rename
from platformctl.merge.three import Three
from platformctl.merge.trees import merge_trees

__all__ = ["LABELS", "Conflict", "Content", "Dispute", "Fate", "Merged", "Rename", "Three", "merge_trees", "three_way"]
