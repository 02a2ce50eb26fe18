"""The range and the resolution of a score, from its name and the size of its set.

The classes of the metrics know their range, but importing them takes longer than comparing runs; a
test compares this table with them.
"""

from __future__ import annotations

from dlrun.collection.directions import HIGHER
from dlrun.intervals import UNKNOWN, Scale

_FROM_0_TO_1 = (*(name for name in HIGHER if name != "r2"), "calibration_error")
_FROM_0 = ("loss", "log_loss", "mae", "mse", "rmse")


def scale_of(score: str, samples: int) -> Scale:
    """What is known of a score.

    Args:
        score: such as ``validation.accuracy``, or with its settings ``validation.top_k_3``.
        samples: of its set; 0 if unknown.
    """
    metric = score.partition(".")[2] or score
    if _is(metric, _FROM_0_TO_1):
        return Scale(0.0, 1.0, 1 / samples if samples else 0.0)
    if _is(metric, _FROM_0):
        return Scale(low=0.0)
    return Scale(high=1.0) if _is(metric, ("r2",)) else UNKNOWN


def _is(metric: str, names: tuple[str, ...]) -> bool:
    return any(metric == name or metric.startswith(f"{name}_") for name in names)
