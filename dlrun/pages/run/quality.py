"""ROC, precision-recall and calibration curves from predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.inference.ranked import Ranked
from dlrun.nn.metrics.calibration_error import CalibrationError, bins_of

_POINTS = 250
"""Maximum number of points of a curve."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve and its summary.

    Attributes:
        x, y: (n,) its points.
        area: below the ROC curve, or the average precision.
    """

    x: Array
    y: Array
    area: float


def roc(scores: Array, truth: Array) -> Curve | None:
    """True by false positive rate; None if all samples are of one class.

    Args:
        scores: (n,), higher for positive samples.
        truth: (n,) bool.
    """
    ranked = Ranked.of(scores, truth)
    if not ranked.found[-1] or not ranked.wrong[-1]:
        return None
    x, y = np.append(0.0, ranked.wrong_rate), np.append(0.0, ranked.recall)
    return Curve(*_thin(x, y), ranked.roc_auc())


def precision_recall(scores: Array, truth: Array) -> Curve | None:
    """Precision by recall, and the average precision; None without positive samples.

    The average precision is the sum of the precisions, each weighted by the increase of recall.

    Args:
        scores: (n,), higher for positive samples.
        truth: (n,) bool.
    """
    ranked = Ranked.of(scores, truth)
    if not ranked.found[-1]:
        return None
    x, y = np.append(0.0, ranked.recall), np.append(ranked.precision[:1], ranked.precision)
    return Curve(*_thin(x, y), ranked.average_precision())


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often predictions are right, by confidence.

    Attributes:
        confidence: (bins,) mean probability.
        accuracy: (bins,) fraction that is right.
        counts: (bins,) number of predictions.
        error: the expected calibration error: mean difference of the two, weighted by counts.
    """

    confidence: Array
    accuracy: Array
    counts: Array
    error: float


def calibration(confidence: Array, right: Array) -> Calibration:
    """Predictions in the bins of the metric ``calibration_error``; empty bins are left out.

    Args:
        confidence: (n,) probabilities of what was predicted.
        right: (n,) bool, whether it is true.
    """
    bins = CalibrationError().bins
    place = bins_of(confidence, bins)
    counts: Array = np.bincount(place, minlength=bins)
    kept = counts > 0
    mean = np.bincount(place, confidence, bins)[kept] / counts[kept]
    share = np.bincount(place, right.astype(float), bins)[kept] / counts[kept]
    error = float(np.sum(np.abs(mean - share) * counts[kept]) / max(1, counts.sum()))
    return Calibration(mean, share, counts[kept], error)


def _thin(x: Array, y: Array) -> tuple[Array, Array]:
    """Some points of a curve, with both ends."""
    if len(x) <= _POINTS:
        return x, y
    kept = np.unique(np.linspace(0, len(x) - 1, _POINTS).astype(np.int64))
    return x[kept], y[kept]
