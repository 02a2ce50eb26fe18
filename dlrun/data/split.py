"""Which samples train, which validate and which test."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, model_validator

from dlrun.arrays import Array
from dlrun.data.apportion import apportion, apportion_table
from dlrun.data.dataset import Dataset
from dlrun.errors import DataError
from dlrun.rng import Stream, generator
from dlrun.spec.component import Component

_PARTS = ("train", "validation", "test")


def _share(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
    if not number and not (isinstance(value, str) and value):
        raise ValueError("must be a fraction, 0 up to but not including 1, or the path of a file")
    return value


Share = Annotated[float | str, BeforeValidator(_share)]
"""A fraction of the source's samples (0: no such part), or a file of samples."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the source that make up each part, in ascending order, int64.

    A part of no rows is not asked for, or comes from a file.
    """

    train: Array
    validation: Array
    test: Array


class Split(Component):
    """How samples are divided into those that train, validate and test."""

    validation: Share = 0.2
    """Fraction of the samples that validate, or a file of them, read as the source's own."""
    test: Share = 0.0
    """Fraction of the samples that test the final weights, or a file of them."""
    stratify: bool = False
    """Give every part the same mix of classes, as nearly as whole samples allow."""

    @model_validator(mode="after")
    def _leave_some(self) -> Split:
        if sum(self._fractions()[1:]) >= 1:
            raise ValueError("validation and test leave nothing to train on; lower one of them")
        return self

    def rows(self, data: Dataset, seed: int) -> Rows:
        """Divide the source's samples; the same for the same data, split and seed.

        Which samples test does not depend on the validation fraction unless ``stratify`` is set.

        Raises:
            DataError: a part comes out empty, a class cannot be in all parts, or ``stratify`` is
                set without classes.
        """
        if self.stratify and data.classes is None:
            raise DataError(
                "data.split.stratify needs classes, and the data is a regression; set it to false"
            )
        if self.stratify and len(data.targets.shape) > 1:
            raise DataError(
                "data.split.stratify needs one class a sample, and the data has several; "
                "set it to false"
            )
        sizes = apportion(len(data), self._fractions())
        self._need_samples(sizes, len(data))
        order = generator(seed, Stream.SPLIT).permutation(len(data))
        if self.stratify and data.classes is not None:
            blocks, counts = self._by_class(order, data.codes, data.classes, sizes)
        else:
            blocks, counts = [order], np.array([sizes])
        # Test rows come first, so that they stay the same whatever validates.
        cuts = [
            np.split(block, [test, test + validation])
            for block, (_, validation, test) in zip(blocks, counts.tolist(), strict=True)
        ]
        test, validation, train = (
            np.sort(np.concatenate(part)) for part in zip(*cuts, strict=True)
        )
        return Rows(train, validation, test)

    def anchored(self, folder: Path) -> Split:
        """The same split for a spec that may lie anywhere: relative paths start at ``folder``."""
        given = {
            name: str((folder / share).absolute())
            for name, share in (("validation", self.validation), ("test", self.test))
            if isinstance(share, str)
        }
        return self.model_copy(update=given)

    def _fractions(self) -> list[Fraction]:
        """Of the parts in order; exact decimals, as 0.1 is written and not as a float holds it."""
        given = [
            Fraction(0) if isinstance(share, str) else Fraction(str(share))
            for share in (self.validation, self.test)
        ]
        return [Fraction(1) - sum(given), *given]

    def _need_samples(self, sizes: list[int], samples: int) -> None:
        for part, size, fraction in zip(_PARTS, sizes, self._fractions(), strict=True):
            if fraction and not size:
                advice = (
                    "lower data.split.validation or data.split.test"
                    if part == "train"
                    else f"raise data.split.{part} or set it to 0"
                )
                raise DataError(
                    f"the {part} part, {float(fraction):g} of {samples} samples, is empty; {advice}"
                )

    def _by_class(
        self, order: Array, codes: Array, classes: tuple[str, ...], sizes: list[int]
    ) -> tuple[list[Array], Array]:
        """Rows of each class in the order drawn, and how many of them go to each part."""
        sorted_by_class = order[np.argsort(codes[order], kind="stable")]
        of_class = np.bincount(codes, minlength=len(classes))
        counts = apportion_table(of_class.tolist(), sizes)
        for name, size, row in zip(classes, of_class.tolist(), counts.tolist(), strict=True):
            for part, asked, count in zip(_PARTS, sizes, row, strict=True):
                if asked and not count:
                    raise DataError(
                        f"data.split.stratify: class '{name}' has {size} of {len(codes)} samples, "
                        f"too few for the {part} part of {asked}; add samples of it, enlarge the "
                        "part or set stratify to false"
                    )
        return np.split(sorted_by_class, np.cumsum(of_class)[:-1]), counts
