"""Training, validation and test set as rows of the source, and classes for stratification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import DataError

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

Shares = tuple[Fraction, Fraction, Fraction]
"""Fractions of the sets, in the order of ``PARTS``; they sum to 1."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the source in each set, ascending, int64.

    A set without rows is not requested, or is read from a file.
    """

    train: Array
    validation: Array
    test: Array

    @classmethod
    def of(cls, part: Array) -> Rows:
        """From the index in ``PARTS`` of each row's set, (n,); other numbers mark unused rows."""
        return cls(*(np.flatnonzero(part == number) for number in range(3)))

    def within(self, rows: Array) -> Rows:
        """The same split in terms of the whole data set, of which only ``rows`` were split."""
        return Rows(rows[self.train], rows[self.validation], rows[self.test])


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of samples, for stratification.

    Attributes:
        codes: (n,) int64, the class of each sample.
        names: of the classes.
    """

    codes: Array
    names: tuple[str, ...]

    def take(self, rows: Array) -> Classes:
        """The classes of some of the samples."""
        return Classes(self.codes[rows], self.names)


def set_name(part: Part) -> str:
    """The name of a set in messages."""
    return "training set" if part == "train" else f"{part} set"


def need_samples(sizes: Sequence[int], shares: Shares, samples: int) -> None:
    """Check that every requested set has samples.

    Args:
        sizes: of the sets.
        shares: fractions that were requested.
        samples: number of all samples.

    Raises:
        DataError: a set with a fraction above 0 is empty.
    """
    for part, size, share in zip(PARTS, sizes, shares, strict=True):
        if share and not size:
            advice = (
                "lower data.split.validation or data.split.test"
                if part == "train"
                else f"raise data.split.{part} or set it to 0"
            )
            raise DataError(
                f"the {set_name(part)}, {float(share):g} of {samples} samples, is empty; {advice}"
            )
