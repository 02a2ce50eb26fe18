"""ROC, precision-recall and calibration of a classifier, from a bounded number of decisions."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.inference.ranked import Ranked
from dlrun.nn.answers import class_log_odds, true_labels
from dlrun.nn.losses.base import Loss
from dlrun.nn.metrics.calibration_error import CalibrationError, confidences
from dlrun.rng import Stream, generator
from dlrun.run_directory.curves import Calibration, ClassCurve, Curves, MeanCurve, SetName

DECISIONS = 100_000
"""Approximate maximum number of decisions that are kept."""
_VALUES = 1_000_000
"""Approximate maximum number of their log-odds, 8 MB."""
CLASSES = 100
"""With more classes, the kept decisions would be too few for each of them."""
EACH = 10
"""Up to this many classes, each has a curve."""
LOWEST = 5
"""With more classes, this many of those with the lowest area under the ROC curve have one."""


class ClassCurves:
    """Collects the decisions of a scored set.

    Args:
        loss: converts outputs to log-odds.
        data: the set, with class or label names.
        name: of the set.
        seed: the run's seed, for the choice of decisions if there are too many.
    """

    def __init__(self, loss: Loss, data: Dataset, name: SetName, seed: int) -> None:
        assert data.classes is not None
        self._loss, self._classes, self._set = loss, data.classes, name
        self._labels = data.task == "multi_label"
        total = len(data) if self._labels else math.prod(data.targets.shape)
        most = min(DECISIONS, _VALUES // len(self._classes))
        self._share = min(1.0, most / max(1, total))
        self._draws = generator(seed, Stream.CURVES)
        self._scores: list[Array] = []
        self._targets: list[Array] = []
        self._seen = 0

    def __call__(self, outputs: Array, targets: Array) -> None:
        """Add a block: (n, ..., outputs), and (n, ...) codes or (n, labels)."""
        rows = outputs.reshape(-1, outputs.shape[-1])
        truth = true_labels(targets) if self._labels else targets.reshape(-1)
        self._seen += len(rows)
        if self._share < 1:
            chosen = self._draws.random(len(rows)) < self._share
            rows, truth = rows[chosen], truth[chosen]
        found = self._loss.log_odds(rows)
        self._scores.append(found.astype(np.float64) if self._labels else class_log_odds(found))
        self._targets.append(truth)

    def result(self) -> Curves | None:
        """The curves; None if a prediction is NaN, or no class can be ranked."""
        scores, targets = np.concatenate(self._scores), np.concatenate(self._targets)
        if not len(scores) or np.isnan(scores).any():
            return None
        ranked = {
            name: Ranked.of(scores[:, code], true)
            for code, name in enumerate(self._classes)
            if (self._labels or len(self._classes) > 2 or code == 1)
            and (true := targets[:, code] if self._labels else targets == code).any()
            and not true.all()
        }
        if not ranked:
            return None
        areas = {name: each.roc_auc() for name, each in ranked.items()}
        shown = list(ranked)
        if len(shown) > EACH:
            shown = sorted(shown, key=lambda name: areas[name])[:LOWEST]
        return Curves(
            set=self._set,
            decisions=self._seen,
            used=len(scores),
            classes=len(self._classes),
            ranked=tuple(self._curve(name, ranked[name], areas[name]) for name in shown),
            mean=None if len(ranked) == 1 else _mean(list(ranked.values()), list(areas.values())),
            calibration=self._calibration(scores, targets),
        )

    def _curve(self, name: str, whole: Ranked, area: float) -> ClassCurve:
        thin = whole.thinned()
        thresholds = np.nan_to_num(thin.thresholds)
        if self._loss.probabilistic:
            thresholds = 1 / (1 + np.exp(-thresholds))
        return ClassCurve(
            name=name,
            positives=int(whole.found[-1]),
            negatives=int(whole.wrong[-1]),
            roc_auc=area,
            average_precision=whole.average_precision(),
            thresholds=short(thresholds),
            true_positives=tuple(thin.found.tolist()),
            false_positives=tuple(thin.wrong.tolist()),
        )

    def _calibration(self, scores: Array, targets: Array) -> Calibration | None:
        if self._labels or not self._loss.probabilistic:
            return None
        bins = CalibrationError().bins
        sure, place = confidences(scores, bins)
        right = scores.argmax(axis=1) == targets
        if scores.shape[1] == 2:  # as everywhere else, the second class is predicted at 1/2
            right = (scores[:, 1] >= 0) == targets
        counts = np.bincount(place, minlength=bins)
        sums = [np.bincount(place, each, minlength=bins) for each in (sure, right)]
        confidence, accuracy = (each / np.maximum(counts, 1) for each in sums)
        return Calibration(
            calibration_error=float(np.abs(sums[1] - sums[0]).sum() / len(scores)),
            counts=tuple(counts.tolist()),
            confidence=short(confidence),
            accuracy=short(accuracy),
        )


def _mean(ranked: list[Ranked], areas: list[float]) -> MeanCurve:
    parts = [each.mean_parts() for each in ranked]
    recall, precision = (np.mean(each, axis=0) for each in zip(*parts, strict=True))
    return MeanCurve(
        of=len(ranked),
        roc_auc=float(np.mean(areas)),
        average_precision=float(np.mean([each.average_precision() for each in ranked])),
        recall=short(recall),
        precision=short(precision),
    )


def short(values: Array) -> tuple[float, ...]:
    """Values with six digits, which no picture can show more of."""
    return tuple(float(f"{value:.6g}") for value in values.tolist())
