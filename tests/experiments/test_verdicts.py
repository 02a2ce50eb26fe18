"""Texts that follow a verdict."""

from __future__ import annotations

import dlrun
from experiments.verdicts import by_verdict


def test_the_text_is_that_of_the_verdict() -> None:
    findings = dlrun.Findings("T", question="?", method="-", limits="-", command="-")
    one, other = [3.0, 3.1, 2.9, 3.0], [1.0, 1.1, 1.0, 0.9]
    for better, than in ((one, other), (other, one), (one, [3.1, 2.9, 3.0, 3.0])):
        findings.claim(f"Claim {better} {than}.", better=better, than=than, unit="points")
    texts = [by_verdict(each, "yes", "no", "open") for each in findings.verdicts]
    assert texts == ["yes", "no", "open"]
