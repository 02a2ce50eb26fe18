"""Range and resolution of the scores that the runs of a study report."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dlrun.experiment.compile import Compiled
from dlrun.intervals import Scale
from dlrun.nn.metrics.base import names


def scales(compiled: Compiled, fewest: Mapping[str, int] | None = None) -> dict[str, Scale]:
    """The scale of each metric, such as ``validation.accuracy``, and of the loss.

    Args:
        compiled: a run of the study.
        fewest: numbers of samples of training, validation and test set, if other runs have fewer;
            the step of a score is that of the smallest set, so that no trial seems to be known
            better than it is.
    """
    metrics, found = compiled.experiment.metrics, {}
    for part, size in {**compiled.data.sizes, **(fewest or {})}.items():
        found[f"{part}.loss"] = Scale(low=0.0)  # of all losses
        for name, metric in zip(names(metrics), metrics, strict=True):
            low, high = (end if math.isfinite(end) else None for end in metric.bounds)
            step = 0.0
            if low is not None and high is not None:
                step = (high - low) / max(1, size)
            found[f"{part}.{name}"] = Scale(low, high, step)
    return found
