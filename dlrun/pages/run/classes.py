"""Curves of a classification: ROC, precision-recall and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, class_probabilities
from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.run.quality import Curve, calibration, precision_recall, roc
from dlrun.pages.run.samples import Predicted
from dlrun.pages.section import Piece, Section, grid, note

_CURVES = 8
"""Maximum number of curves in a chart."""
_UNIT = (0.0, 1.0)


def quality_section(predicted: Predicted, classes: Sequence[str], detail: str) -> Section:
    """ROC and precision-recall curves by class or label, and calibration.

    Args:
        predicted: one prediction per sample, of a class or of labels.
        classes: names of the classes or labels.
        detail: names the run.
    """
    scores, truth = scores_and_truth(predicted)
    shown: Sequence[int] = range(len(classes))
    several = truth.shape[1] > 1
    if several and len(classes) == 2 and predicted.raw.task == "classification":
        shown = (1,)
    found = [
        (place, first, second)
        for place in shown
        if (first := roc(scores[:, place], truth[:, place])) is not None
        and (second := precision_recall(scores[:, place], truth[:, place])) is not None
    ]
    pieces: list[Piece] = [note(predicted.remark)]
    absent = len(shown) - len(found)
    if absent:
        pieces.append(note(f"{absent} classes have only positive or only negative samples here."))
    found.sort(key=lambda each: each[1].area)
    drawn = sorted(found[:_CURVES], key=lambda each: each[0])
    if len(found) > _CURVES:
        pieces.append(
            note(f"The charts show the {_CURVES} classes with the lowest area under the ROC curve.")
        )
    charts = []
    if drawn:
        charts = [_roc([(classes[p], c) for p, c, _ in drawn], detail)]
        charts.append(_recall([(classes[p], c) for p, _, c in drawn], detail))
    if predicted.probabilistic and len(scores):
        charts.append(_calibration(predicted, scores, truth, detail))
    pieces.append(grid([chart.piece() for chart in charts]))
    if found:
        in_order = sorted(found, key=lambda each: each[0])
        rows: list[list[Cell]] = [
            [classes[p], a.area, b.area, int(truth[:, p].sum())] for p, a, b in in_order
        ]
        header = ["class", "area under ROC", "average precision", "samples"]
        pieces.append(table(header, rows, anchor="areas", sortable=True))
    return Section("quality", "ROC, precision-recall, calibration", pieces)


def scores_and_truth(predicted: Predicted) -> tuple[Array, Array]:
    """Scores, (n, classes), and whether each class or label is true, (n, classes) bool."""
    targets = np.asarray(predicted.ready.targets[:])
    if predicted.raw.task == "multi_label":
        return predicted.predictions, targets >= 0.5
    raw = predicted.predictions
    single = raw.shape[-1] == 1 and not predicted.probabilistic
    scores = class_log_odds(raw) if single else class_probabilities(raw)
    return scores, targets[:, None] == np.arange(scores.shape[1])


def _roc(curves: Sequence[tuple[str, Curve]], detail: str) -> Chart:
    series = [
        Series(f"{name} {curve.area:.3f}", curve.x.tolist(), curve.y.tolist(), f"c{place}")
        for place, (name, curve) in enumerate(curves)
    ]
    chance = Series("chance", _UNIT, _UNIT, "ink-soft", "dotted", quiet=True, width=1.2)
    x, y = Axis("false positive rate", include=_UNIT), Axis("true positive rate", include=_UNIT)
    return Chart("roc", "ROC, with the area below each curve", x, y, [chance, *series], {}, detail)


def _recall(curves: Sequence[tuple[str, Curve]], detail: str) -> Chart:
    series = [
        Series(f"{name} {curve.area:.3f}", curve.x.tolist(), curve.y.tolist(), f"c{place}")
        for place, (name, curve) in enumerate(curves)
    ]
    x, y = Axis("recall", include=_UNIT), Axis("precision", include=_UNIT)
    title = "Precision and recall, with the average precision"
    return Chart("precision-recall", title, x, y, series, {}, detail)


def _calibration(predicted: Predicted, scores: Array, truth: Array, detail: str) -> Chart:
    if predicted.raw.task == "multi_label":
        confidence, right = scores.reshape(-1), truth.reshape(-1)
        what = "probability of a label"
    else:
        said = scores.argmax(axis=1)
        rows = np.arange(len(said))
        confidence, right = scores[rows, said], truth[rows, said]
        what = "probability of the predicted class"
    found = calibration(confidence.astype(float), right)
    texts = [f"{count} predictions" for count in found.counts]
    line = Series(
        "predictions in bins",
        found.confidence.tolist(),
        found.accuracy.tolist(),
        "c1",
        marker="dot",
        text=texts,
        size=4,
    )
    ideal = Series("calibrated", _UNIT, _UNIT, "ink-soft", "dotted", quiet=True, width=1.2)
    title = f"Calibration, expected calibration error {found.error:.3f}"
    x, y = Axis(what, include=_UNIT), Axis("fraction that is true", include=_UNIT)
    return Chart("calibration", title, x, y, [ideal, line], {}, detail)
