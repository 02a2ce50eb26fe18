"""Dimensions that reach further at one end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform

_ROUNDING = 1e-9
"""Relative distance to a round number that counts as rounding."""


def widened(dimension: Dimension, *, upper: bool) -> Dimension | None:
    """The dimension with another end; None if none can be named.

    Ranges grow by a third, on their own scale, to a round number: ``log_uniform: [1e-4, 0.1]`` to
    1. Integers on a logarithmic scale grow by a factor of 2. A list of numbers gets one more value,
    in the same steps or ratios. An end at 0 or, of fractions, at 1 may be a limit of the key, and
    so may an integer end at 1: they are kept, and steps do not lead from fractions to 1 or more.

    Args:
        dimension: a range or a list of numbers.
        upper: the end.
    """
    if isinstance(dimension, Choice):
        values = _with_next(dimension.values, upper=upper)
        return None if values is None else dimension.model_copy(update={"values": values})
    if not isinstance(dimension, LogUniform | Uniform | Integer):
        return None
    low, high = dimension.ends
    end: float | None
    if isinstance(dimension, LogUniform):
        end = _next_log(low, high, upper=upper)
    elif isinstance(dimension, Uniform):
        end = _next_linear(low, high, upper=upper)
    else:
        end = _next_integer(dimension, upper=upper)
    if end is None or not math.isfinite(end):
        return None
    return dimension.model_copy(update={"ends": (low, end) if upper else (end, high)})


def _next_log(low: float, high: float, *, upper: bool) -> float:
    factor = (high / low) ** (1 / 3)
    return _rounded(high * factor, up=True) if upper else _rounded(low / factor, up=False)


def _next_linear(low: float, high: float, *, upper: bool) -> float | None:
    if (high if upper else low) == (1.0 if upper and low >= 0 else 0.0):
        return None
    step = (high - low) / 3
    digits = -math.floor(math.log10(step))
    unit = 10.0**-digits
    if upper:
        end = round(math.ceil((high + step) / unit - _ROUNDING) * unit, max(0, digits))
        limit = 1.0 if low >= 0 and high < 1 else 0.0 if high < 0 else math.inf
        return min(limit, end)
    end = round(math.floor((low - step) / unit + _ROUNDING) * unit, max(0, digits))
    return max(0.0, end) if low > 0 else end


def _next_integer(dimension: Integer, *, upper: bool) -> int | None:
    low, high = dimension.ends
    step = max(1, (high - low) // 3)
    if upper:
        end = 2 * high if dimension.log else high + step
        return end if end < 2**53 else None
    if low in (0, 1):
        return None
    end = low // 2 if dimension.log else low - step
    return max(1, end) if low > 0 else end


def _with_next(values: Sequence[Any], *, upper: bool) -> tuple[Any, ...] | None:
    """A list of numbers with one more at an end; None if it would not be of the same kind."""
    ordered = sorted(values, reverse=not upper)
    if len(ordered) < 2 or not all(map(math.isfinite, ordered)):
        return None
    *before, inner, last = ordered
    whole = all(isinstance(value, int) for value in values)
    if last == 0 or (last == 1 and not whole and min(values) >= 0):
        return None
    positive = min(values) > 0
    new: float = last + (last - inner)
    if positive and (not before or math.isclose(last / inner, inner / before[-1], rel_tol=0.01)):
        new = last * last / inner
    elif min(values) >= 0 and last < 1 <= new:
        return None
    new = round(new) if whole and float(new).is_integer() else float(f"{new:.6g}")
    if (whole and not isinstance(new, int)) or (positive and new <= 0) or new in values:
        return None
    first = values[0] == last and len(values) > 1
    return (new, *values) if first else (*values, new)


def _rounded(value: float, *, up: bool) -> float:
    """The next number with one significant digit."""
    exponent = math.floor(math.log10(value))
    digit = value / 10.0**exponent
    digit = math.ceil(digit - _ROUNDING) if up else math.floor(digit + _ROUNDING)
    return float(f"{digit}e{exponent}")
