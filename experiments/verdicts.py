"""Sentences that follow a verdict."""

from __future__ import annotations

from dlrun.findings.record import Verdict


def by_verdict(verdict: Verdict, holds: str, opposite: str, undecided: str) -> str:
    """The text that is true."""
    words = {"holds": holds, "the opposite holds": opposite, "undecided": undecided}
    return words[verdict.verdict]
