"""Steps of preprocessing one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.digits import lost_digits
from dlrun.data.preprocess.tokenize import Tokenized
from dlrun.data.preprocessor import Columns, Fitted, Preprocess, State
from dlrun.data.samples import Held, Lazy, Samples, chunks, collected, narrowed, transform
from dlrun.errors import DataError


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Fitted steps.

    Attributes:
        before: columns of the inputs that ``apply`` takes.
        steps: the fitted steps in order.
        states: what each of them has learned.
    """

    before: Columns
    steps: tuple[Fitted, ...]
    states: tuple[State, ...]

    @classmethod
    def fit(cls, steps: Sequence[Preprocess], train: Dataset) -> tuple[Pipeline, Dataset]:
        """Learn from the training part; the pipeline, and the training part after it.

        Each step learns from what the steps before it make of the training part.  The inputs that
        the network reads are float32.

        Raises:
            DataError: a step cannot work on such data.
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
        """The pipeline again from what ``state`` gave.

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
        """The columns behind the last step."""
        return self.steps[-1].columns if self.steps else self.before

    @property
    def vocabulary(self) -> int | None:
        """How many tokens there are where inputs begin as texts."""
        sizes = (step.vocabulary.size for step in self.steps if isinstance(step, Tokenized))
        return next(sizes, None)

    def state(self) -> dict[str, Array]:
        """All that was learned: arrays called ``0.shift``: the step's number, its name."""
        return {
            f"{number}.{name}": array
            for number, state in enumerate(self.states)
            for name, array in state.items()
        }

    def transform(self, inputs: Array) -> Array:
        """Samples as the source gives them, (n, *sample), as the network takes them."""
        for step in self.steps:
            inputs = step.apply(inputs)
        found = narrowed(inputs)
        assert isinstance(found, np.ndarray)
        return found

    def apply(self, data: Dataset) -> Dataset:
        """Any part after the steps; it must have the columns ``before``."""
        inputs = _by_parts(data.inputs)
        for step in self.steps:
            inputs = transform(inputs, step.apply)
        return data.with_inputs(
            _ready(inputs, data.inputs), self.columns if self.steps else data.columns
        )


def _by_parts(inputs: Samples) -> Samples:
    """Samples whose steps are applied to some at a time where all of them are float64 in memory."""
    if isinstance(inputs, np.ndarray) and inputs.dtype == np.float64 and len(inputs):
        return Held(inputs)
    return inputs


def _ready(inputs: Samples, given: Samples) -> Samples:
    """Transformed samples as float32, in memory where those given are."""
    if isinstance(inputs, Lazy) and isinstance(given, np.ndarray):
        return collected(inputs)
    return narrowed(inputs)


def _need_what_it_takes(step: Preprocess, train: Dataset) -> None:
    if train.texts and not step.takes_texts:
        raise DataError(f"{step.kind} needs numbers; put tokenize before it in data.preprocess")
    if step.takes_texts and not train.texts:
        raise DataError(f"{step.kind} needs texts; remove it from data.preprocess")


def need_numbers(data: Dataset, part: str) -> None:
    """Check that a network can read the inputs of a part.

    Raises:
        DataError: texts, codes of categories, missing or infinite values are left.
    """
    if data.texts:
        raise DataError("samples are texts; add tokenize to data.preprocess")
    if categorical := [column.name for column in data.columns or () if column.categorical]:
        strange = [note for note in data.notes for name in categorical if f"'{name}'" in note]
        raise DataError(
            f"categorical columns are left: {', '.join(categorical)}; "
            f"{'; '.join(['add one_hot to data.preprocess', *strange[:1]])}"
        )
    if isinstance(data.inputs, Lazy) and data.inputs.finite:
        return  # reading them says so
    nan = infinite = np.zeros(data.inputs.shape[-1], np.int64)
    for chunk in chunks(data.inputs):
        if np.isfinite(chunk).all():
            continue
        axes = tuple(range(chunk.ndim - 1))
        nan = nan + np.isnan(chunk).sum(axis=axes)
        infinite = infinite + np.isinf(chunk).sum(axis=axes)
    if missing := _counts(nan, data.columns):
        raise DataError(
            f"values are missing in the {part} part: {missing}; add impute to data.preprocess"
        )
    if beyond := _counts(infinite, data.columns):
        raise DataError(
            f"values of the {part} part are beyond 32-bit numbers behind data.preprocess, far from "
            f"all that train has: {beyond}; correct or remove them"
        )


def _counts(counts: Array, columns: Columns) -> str:
    """How many values there are, by column where there are columns; "" for none."""
    if columns is None:
        count = int(counts.sum())
        return str(count) if count else ""
    return ", ".join(
        f"{column.name} ({count})"
        for column, count in zip(columns, counts.tolist(), strict=True)
        if count
    )
