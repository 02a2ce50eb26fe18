"""Scores, their intervals, settings and their keys as short text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlrun.intervals import Estimate
from dlrun.search.suggestion import legible
from dlrun.spec.nodes import show


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


def setting(value: Any) -> str:
    """A value of a key of the space as short text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(legible(value))
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else show(value)


def brief(keys: Sequence[str]) -> list[str]:
    """The last parts of keys if these differ, else the whole keys."""
    ends = [key.rpartition(".")[2] for key in keys]
    return [end if ends.count(end) == 1 else key for end, key in zip(ends, keys, strict=True)]
