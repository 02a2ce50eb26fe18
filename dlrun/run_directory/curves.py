"""curves.json: the numbers in the pictures of a run's final predictions.

Its size is bounded, whatever the number of samples: a curve has a limited number of points, and the
number of curves and of regression targets is limited, too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    FiniteFloat,
    NonNegativeInt,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    with_config,
)

from dlrun.errors import DataError
from dlrun.run_directory.atomic import replace
from dlrun.run_directory.json_text import read_object, to_json

GRID = 101
"""Number of points of a mean curve, evenly spaced from 0 to 1."""

SetName = Literal["validation", "test"]
_Values = Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]
_Even = Annotated[tuple[FiniteFloat, ...], Field(min_length=GRID, max_length=GRID)]


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class ClassCurve:
    """A class or label against all others, at decreasing thresholds.

    Attributes:
        name: of the class.
        positives: samples of the class.
        negatives: the others.
        roc_auc: area under the ROC curve.
        average_precision: mean precision, weighted by the steps of recall.
        thresholds: a sample counts as found if its probability (its score, if the loss has no
            probabilities) is at least this.
        true_positives: samples of the class that are found at each threshold.
        false_positives: other samples that are found.
    """

    name: str
    positives: PositiveInt
    negatives: PositiveInt
    roc_auc: FiniteFloat
    average_precision: FiniteFloat
    thresholds: _Values
    true_positives: tuple[NonNegativeInt, ...]
    false_positives: tuple[NonNegativeInt, ...]

    def __post_init__(self) -> None:
        _need_equal(self.thresholds, self.true_positives, self.false_positives)
        for counts, total in (
            (self.true_positives, self.positives),
            (self.false_positives, self.negatives),
        ):
            if list(counts) != sorted(counts) or counts[-1] != total:
                raise ValueError("counts must increase up to their total")
        if self.true_positives[0] + self.false_positives[0] == 0:
            raise ValueError("the first threshold must find a sample")


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class MeanCurve:
    """The unweighted mean over all classes or labels.

    Attributes:
        of: how many classes.
        roc_auc: mean area under the ROC curve.
        average_precision: mean average precision.
        recall: mean true positive rate at 101 false positive rates from 0 to 1.
        precision: mean precision at 101 recalls from 0 to 1.
    """

    of: PositiveInt
    roc_auc: FiniteFloat
    average_precision: FiniteFloat
    recall: _Even
    precision: _Even


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Calibration:
    """Predicted probabilities against frequencies, in bins of equal width from 0 to 1.

    Attributes:
        calibration_error: as the metric of that name computes it.
        counts: samples in each bin of the predicted class's probability.
        confidence: mean probability of the predicted class; 0 in an empty bin.
        accuracy: fraction that is correct; 0 in an empty bin.
    """

    calibration_error: FiniteFloat
    counts: Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]
    confidence: tuple[FiniteFloat, ...]
    accuracy: tuple[FiniteFloat, ...]

    def __post_init__(self) -> None:
        _need_equal(self.counts, self.confidence, self.accuracy)


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Predicted:
    """Predicted against true values of one target of a regression, or of all together.

    Attributes:
        name: of the target.
        values: how many there are; the lists have a random part of them.
        r2: coefficient of determination of all values; None if they are constant.
        rmse: root mean squared error of all values.
        bias: mean of predicted - true.
        true: true values, in the units of the target.
        predicted: predicted values.
    """

    name: str
    values: PositiveInt
    r2: FiniteFloat | None
    rmse: FiniteFloat
    bias: FiniteFloat
    true: _Values
    predicted: tuple[FiniteFloat, ...]

    def __post_init__(self) -> None:
        _need_equal(self.true, self.predicted)


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Curves:
    """The content of the file.

    Attributes:
        set: the scored set.
        decisions: number of scored samples, or of positions in them.
        used: how many of them, drawn at random, were used for curves and calibration.
        classes: number of classes or labels; 0 in regression.
        ranked: a curve per class; of the second one if there are two; of those with the lowest
            area under the ROC curve if there are many.
        mean: over all classes; None if there are two, and in regression.
        calibration: None in regression, for labels, and without probabilities.
        predicted: the targets of a regression.
    """

    set: SetName
    decisions: NonNegativeInt
    used: NonNegativeInt
    classes: NonNegativeInt = 0
    ranked: tuple[ClassCurve, ...] = ()
    mean: MeanCurve | None = None
    calibration: Calibration | None = None
    predicted: tuple[Predicted, ...] = ()


def _need_equal(*lists: tuple[float, ...]) -> None:
    if len(set(map(len, lists))) != 1:
        raise ValueError("lists of one curve must have the same length")


@cache
def _reader() -> TypeAdapter[Curves]:
    return TypeAdapter(Curves)


def write_curves(path: Path, curves: Curves) -> None:
    """Write the file, atomically.

    Raises:
        DataError: it cannot be written.
    """
    replace(path, to_json(asdict(curves)) + "\n")


def read_curves(path: Path) -> Curves:
    """Read the file.

    Raises:
        DataError: it is missing, or its content does not have this form.
    """
    found = read_object(path)
    try:
        return _reader().validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise DataError(
            f"{path}: '{where}' is wrong: {first['msg']}; delete the file, or restore it"
        ) from error
