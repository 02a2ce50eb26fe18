"""Which steps are valid after a layer that shortens, stretches or moves the time axis.

The rule: a padded sequence has the same results as the sequence without padding.  So a step after a
layer is valid if the layer would have that step without the padding.
"""

from __future__ import annotations

from dataclasses import dataclass

from dlrun.errors import ShapeError

TIME_FIRST = "put the time axis first, with permute"
"""Advice for layers that read (time, features)."""

_MOST = 2**24
"""Largest number of steps of a mask: 32-bit floats could not count more steps exactly."""


@dataclass(frozen=True, slots=True)
class Spans:
    """For every step after a layer, the steps before it that decide whether it is valid.

    Attributes:
        first, last: the steps before the layer, both included.
        needed: how many of them must be valid.
        reach: the first and last step that the layer reads.  A sequence shorter than a window would
            have no valid step; then the first step that reads a valid one is valid.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    needed: tuple[int, ...]
    reach: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The time axis after a layer whose input has a mask.

    Attributes:
        axis: the time axis of a sample after the layer; None if it ends.
        spans: which steps are valid; None if step t stays step t.
        before: by how many steps the first window extends over the start of the sequence.  If that
            depends on the length, longer padding moves the windows.
    """

    axis: int | None = 0
    spans: Spans | None = None
    before: int = 0


def windows(length: int, out: int, size: int, stride: int, padding: int, *, same: bool) -> Spans:
    """Windows that move over a sequence, such as those of a convolution or a pooling.

    Without padding, a sequence of n steps has ceil(n / stride) windows with ``same``, otherwise
    floor((n + padding - size) / stride) + 1.

    Args:
        length: steps of the padded sequence.
        out: number of windows.
        size: from the first step of a window to the last, with dilation.
        stride: steps between two windows.
        padding: zeros before the padded sequence, and, except with ``same``, after it.
        same: whether the padding is ``same``, so that each window represents ``stride`` steps.
    """
    _need_few(out)
    decided, reach = [], []
    for start in range(0, out * stride, stride):
        begin, end = start - padding, start - padding + size - 1
        reach.append((max(begin, 0), min(end, length - 1)))
        if same:
            decided.append((start, min(start + stride - 1, end, length - 1), 1))
        elif (last := end - padding) >= start:
            decided.append((start, last, last - start + 1))
        else:  # more zeros around than steps in a window
            decided.append((max(last, 0), min(start, length - 1), 1))
    return _spans(decided, tuple(reach))


def stretched(length: int, out: int, stride: int, surplus: int) -> Spans:
    """Windows that are spread over a longer sequence, such as those of a transposed convolution.

    Without padding, a sequence of n steps becomes (n - 1) stride + surplus steps.

    Args:
        length: steps of the padded sequence.
        out: steps after the layer.
        stride: steps after the layer from one step before it to the next.
        surplus: steps after the layer for a sequence of one step.
    """
    _need_few(out)
    decided = []
    for step in range(out):
        first, last = -((surplus - 1 - step) // stride), step // stride
        if first <= last:
            decided.append((max(first, 0), min(last, length - 1), 1))
        else:  # between two steps: both must be valid
            first, last = max(last, 0), min(first, length - 1)
            decided.append((first, last, last - first + 1))
    return _spans(decided)


def _spans(decided: list[tuple[int, int, int]], reach: tuple[tuple[int, int], ...] = ()) -> Spans:
    """Spans from (first, last, needed) of each step."""
    first, last, needed = zip(*decided, strict=True)
    return Spans(first, last, needed, reach)


def repeated(length: int, times: int) -> Spans:
    """Every step becomes several steps."""
    _need_few(length * times)
    steps = tuple(step // times for step in range(length * times))
    return Spans(steps, steps, (1,) * len(steps))


def _need_few(steps: int) -> None:
    """Check that a mask has few enough steps.

    Raises:
        ShapeError: it has too many.
    """
    if steps > _MOST:
        raise ShapeError(f"a sequence with padding can have at most {_MOST} steps, got {steps}")


def stacked(length: int, together: int) -> Spans:
    """Several steps become one, which is valid if any of them is."""
    first = tuple(range(0, length, together))
    return Spans(first, tuple(step + together - 1 for step in first), (1,) * len(first))
