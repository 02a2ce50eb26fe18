"""The validation samples with the worst predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.pages.markup import Html, tag
from dlrun.pages.pieces.image import image
from dlrun.pages.pieces.sound import sound
from dlrun.pages.pieces.table import number
from dlrun.pages.run.classes import scores_and_truth
from dlrun.pages.run.samples import Predicted
from dlrun.pages.section import Piece, Section, note

_SHOWN = 12
_LETTERS = 600
"""Maximum length of a text."""
_COLUMNS = 8
"""Maximum number of a sample's values that are listed."""

_Order = tuple[list[int], Callable[[int], list[Html]], str]
"""The samples, the worst first; lines about one of them; a sentence about all."""


def mistakes_section(predicted: Predicted, classes: Sequence[str] | None) -> Section:
    """A few samples: of a classification wrong ones, of a regression those with the largest error.

    Args:
        predicted: one prediction per sample.
        classes: names of the classes or labels; None in regression.
    """
    if classes is None:
        order, texts, remark = _errors(predicted)
    elif predicted.raw.task == "multi_label":
        order, texts, remark = _labels(predicted, classes)
    else:
        order, texts, remark = _classes(predicted, classes)
    samples = [
        tag("div", [_shown(predicted, row), *texts(row)], class_="sample") for row in order[:_SHOWN]
    ]
    pieces = [note(remark), Piece(tag("div", samples, class_="grid small"))]
    return Section("mistakes", "Worst mistakes", pieces)


def _classes(predicted: Predicted, classes: Sequence[str]) -> _Order:
    scores, truth = scores_and_truth(predicted)
    true, said = truth.argmax(axis=1), scores.argmax(axis=1)
    rows = np.arange(len(true))
    order = np.argsort(scores[rows, true] - scores[rows, said], kind="stable")
    wrong = [int(row) for row in order if true[row] != said[row]]

    def texts(row: int) -> list[Html]:
        lines = [
            tag("b", f"predicted {classes[said[row]]}"),
            tag("span", f" ({number(float(scores[row, said[row]]), 3)})"),
        ]
        other = f"true {classes[true[row]]} ({number(float(scores[row, true[row]]), 3)})"
        return [tag("p", lines), tag("p", other), _name(predicted, row)]

    shown = min(len(wrong), _SHOWN)
    remark = (
        f"{len(wrong)} of {len(true)} samples are wrong. These {shown} have the lowest score of "
        "the true class compared with the predicted one."
        if wrong
        else f"None of {len(true)} samples is wrong."
    )
    return wrong, texts, remark


def _labels(predicted: Predicted, labels: Sequence[str]) -> _Order:
    scores, truth = scores_and_truth(predicted)
    wrong = (scores >= 0.5) != truth
    distance = np.abs(scores - truth).sum(axis=1)
    order = [int(row) for row in np.argsort(-distance, kind="stable") if wrong[row].any()]

    def texts(row: int) -> list[Html]:
        said = ", ".join(n for n, yes in zip(labels, scores[row] >= 0.5, strict=True) if yes)
        true = ", ".join(n for n, yes in zip(labels, truth[row], strict=True) if yes)
        lines = [f"predicted: {said or 'none'}"[:300], f"true: {true or 'none'}"[:300]]
        return [*(tag("p", line) for line in lines), _name(predicted, row)]

    remark = f"{len(order)} of {len(truth)} samples have a wrong label. These are the furthest off."
    return order, texts, remark


def _errors(predicted: Predicted) -> _Order:
    true, said, of = predicted.values()
    squares = np.mean((said - true) ** 2, axis=1)
    real = np.bincount(of, minlength=len(predicted.rows))
    size = np.sqrt(np.bincount(of, squares, len(real)) / np.maximum(real, 1))
    order = [int(row) for row in np.argsort(-size, kind="stable") if real[row]]

    def texts(row: int) -> list[Html]:
        if predicted.mask is not None or true.shape[1] > 1:
            return [tag("p", f"error {number(float(size[row]), 3)}"), _name(predicted, row)]
        values = f"predicted {number(said[row, 0])}, true {number(true[row, 0])}"
        return [tag("p", values), _name(predicted, row)]

    return order, texts, f"The {min(_SHOWN, len(order))} samples with the largest error."


def _name(predicted: Predicted, row: int) -> Html:
    names = predicted.raw.names
    where = f"row {predicted.rows[row]}"
    shown = where if names is None else "/".join(Path(names[row]).parts[-2:])
    return tag("p", shown, class_="note")


def _shown(predicted: Predicted, row: int) -> Html:
    """The sample itself."""
    raw = predicted.raw
    sample = np.asarray(raw.inputs[row : row + 1])[0]
    if raw.texts:
        text = str(sample)
        return tag("blockquote", text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…")
    if raw.rate is not None:
        return sound(sample.reshape(len(sample), -1), raw.rate)
    if sample.ndim in (2, 3) and min(sample.shape[:2]) > 1:
        return image(as_image(sample), f"sample {predicted.rows[row]}")
    return _values(predicted, sample.reshape(-1))


def as_image(sample: Array) -> Array:
    """A sample as an image, (height, width) or (height, width, 3), from 0 to 1.

    Args:
        sample: (height, width) or (height, width, channels) of any range.
    """
    picture = sample.astype(np.float64)
    if picture.ndim == 3:
        picture = picture[..., :3] if picture.shape[2] > 2 else picture[..., 0]
    low, high = float(picture.min()), float(picture.max())
    if low >= 0.0 and high <= 1.0:
        return picture
    scaled: Array = (picture - low) / (high - low if high > low else 1.0)
    return scaled


def _values(predicted: Predicted, values: Array) -> Html:
    columns = predicted.raw.columns
    lines = []
    for place, value in enumerate(values[:_COLUMNS].tolist()):
        column = None if columns is None else columns[place]
        shown = number(value)
        if column is not None and column.categories is not None:
            shown = column.categories[int(value)] if value == value else "missing"
        lines.append(tag("p", f"{place if column is None else column.name}: {shown}"))
    if len(values) > _COLUMNS:
        lines.append(tag("p", f"… and {len(values) - _COLUMNS} more", class_="note"))
    return tag("div", lines)
