"""Preprocessing steps, applied one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.precision import lost_digits
from dlrun.data.preprocess.base import Columns, Fitted, Preprocess, State
from dlrun.data.preprocess.tokenize import Tokenized
from dlrun.data.samples import Held, Lazy, Samples, chunks, collected, narrowed, transform
from dlrun.errors import DataError


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Fitted steps.

    Attributes:
        before: columns of the inputs of ``apply``.
        steps: the fitted steps in order.
        states: the fitted state of each step.
    """

    before: Columns
    steps: tuple[Fitted, ...]
    states: tuple[State, ...]

    @classmethod
    def fit(cls, steps: Sequence[Preprocess], train: Dataset) -> tuple[Pipeline, Dataset]:
        """Fit steps to the training set; return the pipeline and the transformed training set.

        Each step is fitted on the output of the steps before it.  The resulting inputs are float32.

        Raises:
            DataError: a step cannot be used on such data.
        """
        before, given = train.columns, train.inputs
        train = train.with_inputs(_by_parts(given), before)
        fitted, states = [], []
        for step in steps:
            _need_what_it_takes(step, train)
            state = step.measure(train)
            restored = step.restore(train.columns, state)
            train = train.with_inputs(transform(train.inputs, restored.apply), restored.columns)
            fitted.append(restored)
            states.append(state)
        lost = lost_digits(train.inputs, train.columns)
        train = train.with_inputs(_ready(train.inputs, given), train.columns)
        train = replace(train, notes=(*train.notes, *lost))
        return cls(before, tuple(fitted), tuple(states)), train

    @classmethod
    def restore(cls, steps: Sequence[Preprocess], columns: Columns, state: State) -> Pipeline:
        """The pipeline from the result of ``state``.

        Args:
            steps: the same steps.
            columns: the columns that it was fitted on.
            state: its state.
        """
        before = columns
        fitted, states = [], []
        for number, step in enumerate(steps):
            prefix = f"{number}."
            own = {
                name.removeprefix(prefix): array
                for name, array in state.items()
                if name.startswith(prefix)
            }
            restored = step.restore(columns, own)
            columns = restored.columns
            fitted.append(restored)
            states.append(own)
        return cls(before, tuple(fitted), tuple(states))

    @property
    def columns(self) -> Columns:
        """The columns after the last step."""
        return self.steps[-1].columns if self.steps else self.before

    @property
    def vocabulary(self) -> int | None:
        """The size of the vocabulary; None if inputs are not texts."""
        sizes = (step.vocabulary.size for step in self.steps if isinstance(step, Tokenized))
        return next(sizes, None)

    def state(self) -> dict[str, Array]:
        """The state of all steps; arrays are named by the index of the step, e.g. ``0.shift``."""
        return {
            f"{number}.{name}": array
            for number, state in enumerate(self.states)
            for name, array in state.items()
        }

    def transform(self, inputs: Array) -> Array:
        """Samples as the source returns them, (n, *sample), transformed for the network."""
        for step in self.steps:
            inputs = step.apply(inputs)
        result = narrowed(inputs)
        assert isinstance(result, np.ndarray)
        return result

    def apply(self, data: Dataset) -> Dataset:
        """A data set after the steps; it must have the columns ``before``."""
        inputs = _by_parts(data.inputs)
        for step in self.steps:
            inputs = transform(inputs, step.apply)
        return data.with_inputs(
            _ready(inputs, data.inputs), self.columns if self.steps else data.columns
        )


def _by_parts(inputs: Samples) -> Samples:
    """Samples that steps are applied to in chunks if all of them are float64 in memory."""
    if isinstance(inputs, np.ndarray) and inputs.dtype == np.float64 and len(inputs):
        return Held(inputs)
    return inputs


def _ready(inputs: Samples, given: Samples) -> Samples:
    """Transformed samples as float32, in memory if the given samples are."""
    if isinstance(inputs, Lazy) and isinstance(given, np.ndarray):
        return collected(inputs)
    return narrowed(inputs)


def _need_what_it_takes(step: Preprocess, train: Dataset) -> None:
    if train.texts and not step.takes_texts:
        raise DataError(f"{step.kind} needs numbers; put tokenize before it in data.preprocess")
    if step.takes_texts and not train.texts:
        raise DataError(f"{step.kind} needs texts; remove it from data.preprocess")


def need_numbers(data: Dataset, part: str) -> None:
    """Check that the inputs of a set can be used by a network.

    Raises:
        DataError: they contain texts, category codes, or missing or infinite values.
    """
    gaps = Gaps()
    gaps.add(data)
    gaps.need_none(part)


class Gaps:
    """Missing and infinite values of a set, which may be added in parts."""

    def __init__(self) -> None:
        self._columns: Columns = None
        self._nan: Array = np.zeros(1, np.int64)
        self._infinite: Array = np.zeros(1, np.int64)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._nan.any() or self._infinite.any())

    def add(self, data: Dataset) -> None:
        """Count those of some samples.

        Raises:
            DataError: the samples are texts or category codes.
        """
        if data.texts:
            raise DataError("samples are texts; add tokenize to data.preprocess")
        if categorical := [column.name for column in data.columns or () if column.categorical]:
            strange = [note for note in data.notes for name in categorical if f"'{name}'" in note]
            raise DataError(
                f"categorical columns must be encoded: {', '.join(categorical)}; "
                f"{'; '.join(['add one_hot to data.preprocess', *strange[:1]])}"
            )
        if isinstance(data.inputs, Lazy) and data.inputs.finite:
            return  # reading them raises the error
        self._columns = data.columns
        for chunk in chunks(data.inputs):
            if np.isfinite(chunk).all():
                continue
            axes = tuple(range(chunk.ndim - 1))
            self._nan = self._nan + np.isnan(chunk).sum(axis=axes)
            self._infinite = self._infinite + np.isinf(chunk).sum(axis=axes)

    def need_none(self, part: str) -> None:
        """Check that there are none.

        Args:
            part: the set's name in messages.

        Raises:
            DataError: there are some.
        """
        if not self:
            return
        shown = "training set" if part == "train" else f"{part} set"
        if missing := _counts(self._nan, self._columns):
            raise DataError(
                f"values are missing in the {shown}: {missing}; add impute to data.preprocess"
            )
        far = "" if part == "train" else ", far outside the training set"
        raise DataError(
            f"values in the {shown} are beyond the range of 32-bit floats after data.preprocess"
            f"{far}: {_counts(self._infinite, self._columns)}; correct or remove them"
        )


def _counts(counts: Array, columns: Columns) -> str:
    """The number of values, per column of a table; "" for none."""
    if columns is None:
        count = int(counts.sum())
        return str(count) if count else ""
    return ", ".join(
        f"{column.name} ({count})"
        for column, count in zip(columns, counts.tolist(), strict=True)
        if count
    )
