"""A proof as people read it: one line a check, and what is to blame."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from platformctl.commands.prove import Proof
from platformctl.proof.evidence import Check, Evidence, Verdict
from platformctl.reporters.lines import Line

_MARKS: Final = {Verdict.PASSED: ("good", "✓"), Verdict.FAILED: ("bad", "✗"), Verdict.LEFT_OUT: ("quiet", "–")}
_WIDE: Final = 80
_MOST: Final = 8
"""Lines of one check that are shown; the report and the JSON have all of it."""


def proof_lines(proof: Proof) -> Iterator[Line]:
    """Every check, then what it comes to."""
    evidence = proof.evidence
    yield [("strong", evidence.service), ("quiet", f"  {evidence.path} {evidence.version}")]
    yield [("quiet", f"  {evidence.commit}")]
    yield []
    for check in evidence.checks:
        yield from _check_lines(check)
    yield []
    sent = ", ".join(f"{number} {kind}" for kind, number in evidence.requests.items())
    lapse = (
        f"{sent} events. An hour of the rules went by in {3600 / evidence.lapse:g} s; thresholds were tried at the "
        "real pace, on days that were made up of what the service showed."
    )
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in evidence.parts.items())
    for text in (lapse, parts):
        yield from ([("quiet", f"  {line}")] for line in textwrap.wrap(text, _WIDE - 2))
    yield []
    yield from _verdict_lines(proof)


def _check_lines(check: Check) -> Iterator[Line]:
    style, mark = _MARKS[check.verdict]
    failed = check.verdict is Verdict.FAILED
    title = ("strong" if failed else "quiet" if check.verdict is Verdict.LEFT_OUT else "", check.title)
    if not failed and len(check.title) + len(check.detail) <= _WIDE - 6:
        yield [(style, f"  {mark} "), title, ("quiet", f"  {check.detail}")]
        return
    yield [(style, f"  {mark} "), title]
    lines = textwrap.wrap(check.detail, _WIDE - 6)
    yield from ([("bad" if failed else "quiet", f"      {line}")] for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield [("quiet", "      … and more: see --report or --json")]
    if check.hint:
        yield [("quiet", f"      {check.hint}")]


def _verdict_lines(proof: Proof) -> Iterator[Line]:
    evidence = proof.evidence
    if evidence.proven:
        yield [
            ("good", "✓ "),
            ("strong", evidence.service),
            ("", f" is observable, proven in {evidence.seconds:.1f} s"),
            ("quiet", f"  run {proof.run}"),
        ]
        return
    failed = [check for check in evidence.checks if check.verdict is Verdict.FAILED]
    yield [
        ("bad", "✗ "),
        ("strong", evidence.service),
        ("", _not_proven(evidence, failed)),
        ("quiet", f"  run {proof.run}"),
    ]
    yield [("quiet", f"  What its programs wrote is in {proof.folder}")]


def _not_proven(evidence: Evidence, failed: list[Check]) -> str:
    if not failed:
        return " is not proven: nothing could be checked"
    return f" is not proven: {len(failed)} of {len(evidence.checks)} checks failed, in {evidence.seconds:.1f} s"
