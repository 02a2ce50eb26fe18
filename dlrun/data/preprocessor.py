"""What a step of preprocessing is: statistics of the training part, and what they do to inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol, Self

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

State = Mapping[str, Array]
"""What a step has learned: arrays by name."""

Columns = tuple[Column, ...] | None
"""The columns of a table; None where inputs are no table."""


class Fitted(Protocol):
    """A step that has its statistics."""

    @property
    def columns(self) -> Columns:
        """What the columns are behind the step."""

    def apply(self, inputs: Array) -> Array:
        """Transform (n, *sample) floats, or texts, into new floats; the argument stays."""


class Preprocess(Component):
    """The root of all steps of preprocessing.

    ``measure`` looks at the training part only, so nothing of validation and test leaks into it;
    ``restore`` needs no data, so a stored run can transform samples that it has never seen.
    Statistics are float64 and leave missing values (NaN) out.
    """

    family: ClassVar = Registry["Preprocess"]("preprocess")

    takes_texts: ClassVar[bool] = False
    """Whether its inputs are texts instead of numbers."""

    def anchored(self, folder: Path) -> Self:
        """The same step for a spec that may lie anywhere: relative paths start at ``folder``."""
        return self

    def measure(self, train: Dataset) -> State:
        """What must be known of the training part.

        Raises:
            DataError: the step cannot work on such data.
        """
        raise NotImplementedError

    def restore(self, columns: Columns, state: State) -> Fitted:
        """The step for inputs with these columns, with what ``measure`` gave."""
        raise NotImplementedError


preprocess = Preprocess.family
