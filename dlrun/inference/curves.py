"""What the pictures of a run's final predictions need of a scored set."""

from __future__ import annotations

from collections.abc import Container

from dlrun.data.dataset import Dataset
from dlrun.inference.class_curves import CLASSES, ClassCurves
from dlrun.inference.predicted import PredictedValues
from dlrun.nn.losses.base import Loss
from dlrun.run_directory.curves import SetName

Collector = ClassCurves | PredictedValues


def collector(
    loss: Loss, data: Dataset, name: SetName, sets: Container[str], seed: int
) -> Collector | None:
    """What collects the curves of a set while it is scored; None if the run needs none of it.

    A classification has the curves of its confusion matrix's set: the test set, or without one the
    validation set.  A regression has those of the validation set.  With more than
    ``class_curves.CLASSES`` classes there are none.

    Args:
        loss: of the network.
        data: the set.
        name: of the set.
        sets: the names of all sets that are scored.
        seed: the run's seed.
    """
    if data.task == "regression":
        wanted = name == "validation" or "validation" not in sets
        return PredictedValues(loss, data, name, seed) if wanted else None
    wanted = name == "test" or "test" not in sets
    if not wanted or data.classes is None or not 2 <= len(data.classes) <= CLASSES:
        return None
    return ClassCurves(loss, data, name, seed)
