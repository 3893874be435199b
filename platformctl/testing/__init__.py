"""The contract of actions, for those who write one: give a case, and every promise is tried.

    CASE = ResourceCase(Motd, {"name": "svc", "text": "one"}, Board, other={"name": "svc", "text": "two"})

    @pytest.mark.parametrize("promise", promises(CASE), ids=str)
    def test_it_keeps(promise, tmp_path):
        promise(CASE, tmp_path)

A promise that is not kept raises `Broken`, with one line that says how. pytest is not needed.
"""

from __future__ import annotations

from platformctl.testing.case import SERVICE, Broken, Case, RendererCase, ResourceCase
from platformctl.testing.promises import Promise, promises

__all__ = ["SERVICE", "Broken", "Case", "Promise", "RendererCase", "ResourceCase", "promises"]
