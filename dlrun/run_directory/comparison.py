"""The differences between two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Change:
    """A key with two values.

    Attributes:
        key: dotted.
        first, second: its values; None, which may be a value, too, if a run does not have the key.
        missing: the run that does not have the key; None if both have it.
    """

    key: str
    first: Any
    second: Any
    missing: Literal["first", "second"] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """The first difference in metrics.csv.

    Attributes:
        epoch: from 1; all earlier epochs are the same.
        after: the last step before the epoch.
        step: the last step of the epoch.
        column: the first column that differs.
        first, second: its values.
    """

    epoch: int
    after: int
    step: int
    column: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tensor that differs.

    Attributes:
        checkpoint: ``best`` or ``last``.
        name: of the tensor.
        differing: number of differing elements, of ``size``.
        largest: the largest absolute difference; NaN if an element is NaN or the shapes differ.
    """

    checkpoint: str
    name: str
    differing: int
    size: int
    largest: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between two runs.

    Attributes:
        spec: keys of the resolved specs that differ.
        environment: keys of the environments that differ, except time and command line.
        epochs: number of rows of metrics.csv that both have.
        columns: number of their common columns.
        cell: the first difference in these rows and columns; None if they are equal, also if there
            are none.
        tensors: number of compared tensors, by checkpoint.
        parameters: tensors that differ.
        result: keys of result.json that differ, and under ``metrics.csv`` the number of its rows
            and its columns, if they do.
        without_weights: directories of runs whose weights, which their results name, are missing.
        without_state: directories of runs whose training state ``clean`` has deleted, so only the
            weights in their checkpoints were compared.
        processes: what differed between the processes of one run, which was resumed, with values.
    """

    spec: tuple[Change, ...]
    environment: tuple[Change, ...]
    epochs: int
    columns: int
    cell: Cell | None
    tensors: Mapping[str, int]
    parameters: tuple[Parameter, ...]
    result: tuple[Change, ...]
    without_weights: tuple[str, ...]
    without_state: tuple[str, ...]
    processes: Mapping[str, Sequence[str]]

    @property
    def same(self) -> bool:
        """Whether all numbers are bit-identical; specs and environments do not count."""
        differs = self.cell is not None or self.parameters or self.result
        return not differs and not self.without_weights
