"""Scores and their intervals as short text."""

from __future__ import annotations

from dlrun.intervals import Estimate


def interval(value: Estimate, confidence: float = 0.95) -> str:
    """``0.9731 (95 % interval 0.9650 to 0.9812)``."""
    if value.low is None or value.high is None:
        return short(value.mean)
    return f"{short(value.mean)} ({100 * confidence:.4g} % interval {between(value)})"


def short(value: float) -> str:
    """A score as short text."""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3e}"


def between(value: Estimate) -> str:
    """The ends of the interval; "" if there is none."""
    if value.low is None or value.high is None:
        return ""
    return f"{short(value.low)} to {short(value.high)}"
