"""The interface of preprocessing steps: fitted on the training set, applied to all inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol, Self

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

State = Mapping[str, Array]
"""The fitted state of a step: arrays by name."""

Columns = tuple[Column, ...] | None
"""The columns of a table; None for inputs that are not a table."""


class Fitted(Protocol):
    """A fitted step."""

    @property
    def columns(self) -> Columns:
        """The columns after the step."""

    def apply(self, inputs: Array) -> Array:
        """Transform (n, *sample) floats, or texts, into new floats; the argument is not changed."""


class Preprocess(Component):
    """The base class of all preprocessing steps.

    ``measure`` uses only the training set, so nothing leaks from the validation and test sets.
    ``restore`` needs no data, so a saved run can transform new samples.
    Statistics are float64 and skip missing values (NaN).
    """

    family: ClassVar = Registry["Preprocess"]("preprocess")

    takes_texts: ClassVar[bool] = False
    """Whether its inputs are texts instead of numbers."""

    def anchored(self, folder: Path) -> Self:
        """The same step with absolute paths; relative ones start at ``folder``."""
        return self

    def measure(self, train: Dataset) -> State:
        """Fit the step to the training set.

        Raises:
            DataError: the step cannot be used on such data.
        """
        raise NotImplementedError

    def restore(self, columns: Columns, state: State) -> Fitted:
        """The fitted step for inputs with these columns, from the result of ``measure``."""
        raise NotImplementedError


preprocess = Preprocess.family
