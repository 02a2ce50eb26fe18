"""Which samples train, which validate and which test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, PositiveInt, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.divide import (
    Classes,
    Part,
    Rows,
    Shares,
    as_listed,
    as_marked,
    at_random,
    deal,
    in_groups,
    in_time,
    rolling,
)
from dlrun.errors import DataError
from dlrun.rng import Stream, generator
from dlrun.spec.component import Component

_PARTS, _FOLDS, _IN_FOLD = range(3)
"""What a draw of the stream is for."""


def _share(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
    if not number and not (isinstance(value, str) and value):
        raise ValueError("must be a fraction, 0 up to but not including 1, or the path of a file")
    return value


Share = Annotated[float | str, BeforeValidator(_share)]
"""A fraction of the source's samples (0: no such part), or a file of samples."""

Column = Annotated[str, Field(min_length=1)]
"""The name of a column of the source."""


class Split(Component):
    """How samples are divided into those that train, validate and test."""

    validation: Share = 0.2
    """Fraction of the samples that validate, or a file of them, read as the source's own.  With
    ``folds`` a fraction of what the fold leaves; with ``part`` or ``lists`` 0."""
    test: Share = 0.0
    """Fraction of the samples that test the final weights, or a file of them."""
    stratify: bool = False
    """Give every part the same mix of classes, as nearly as whole samples, or groups, allow."""
    by: Column | None = None
    """A column that says to which group a sample belongs, as a patient; no group is in two parts.
    The column is no input unless the source says what it is."""
    time: Column | None = None
    """A column of numbers or ISO dates: the latest samples test, those before them validate, the
    earliest train, and those of one time stay together.  The column is no input unless the source
    says what it is."""
    part: Column | None = None
    """A column that says train, validation or test of each sample.  It is no input."""
    lists: dict[Part, str] | None = Field(default=None, min_length=1)
    """Files that list the samples of a part by their numbers, from 0, one a line; where none is
    for training, the rest trains."""
    folds: Annotated[int, Field(ge=2, le=1000)] | None = None
    """Cut the samples into so many parts, each of which tests once while the others train and
    validate: dlrun train makes a run of each and gives mean and interval of the scores."""
    fold: PositiveInt | None = None
    """The one fold to hold out, from 1; null trains with each."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """What the division is drawn from; null is the seed of the run."""

    @model_validator(mode="before")
    @classmethod
    def _told(cls, values: Any) -> Any:
        """Nothing is left to a fraction where each sample's part is told."""
        if isinstance(values, dict) and (values.get("part") or values.get("lists")):
            return {"validation": 0.0, **values}
        return values

    @model_validator(mode="after")
    def _fit_together(self) -> Split:
        ways = [name for name in ("by", "time", "part", "lists") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"'{ways[0]}' and '{ways[1]}' are two ways to divide; remove one")
        told = next((name for name in ways if name in ("part", "lists")), None)
        if told is not None and (self.validation != 0 or self.test != 0):
            raise ValueError(f"'{told}' says what validates and tests; remove the fractions")
        if told is not None and self.folds is not None:
            raise ValueError(f"'{told}' says what trains in one way, so there are no folds of it")
        if self.stratify and ways and ways != ["by"]:
            raise ValueError(f"'{ways[0]}' leaves no choice to stratify; remove one of them")
        if self.folds is not None and self.test != 0:
            raise ValueError("with 'folds' each part tests once; remove 'test'")
        if self.fold is not None and self.fold > (self.folds or 0):
            raise ValueError(f"there is no fold {self.fold} of {self.folds or 'no folds'}")
        if sum(self._shares()[1:]) >= 1:
            raise ValueError("validation and test leave nothing to train on; lower one of them")
        return self

    @property
    def columns(self) -> Mapping[str, str]:
        """The columns of the source that it needs, by the key that names them."""
        named = {key: getattr(self, key) for key in ("by", "time", "part")}
        return {key: name for key, name in named.items() if name is not None}

    def rows(self, data: Dataset, seed: int, folder: Path = Path()) -> Rows:
        """Divide the source's samples; the same for the same data, split and seed.

        Which samples test does not depend on the validation fraction unless ``stratify`` or ``by``
        is set.

        Args:
            data: with marks of the columns that are needed.
            seed: the run's.
            folder: where relative paths start.

        Raises:
            DataError: a part comes out empty, a class cannot be in all parts, ``stratify`` is set
                without classes, or a column or a list does not say what it has to; it has the
                place of the key in the spec.
        """
        seed = seed if self.seed is None else self.seed
        with self._blamed():
            if self.part is not None:
                return as_marked(data.marks[self.part])
            if self.lists is not None:
                return as_listed(self.lists, len(data), folder)
            if self.time is not None:
                return self._in_time(data)
            if self.by is not None:
                return self._in_groups(data, seed)
            return self._at_random(data, seed)

    def anchored(self, folder: Path) -> Split:
        """The same split for a spec that may lie anywhere: relative paths start at ``folder``."""
        given: dict[str, Any] = {
            name: str((folder / share).absolute())
            for name, share in (("validation", self.validation), ("test", self.test))
            if isinstance(share, str)
        }
        if self.lists is not None:
            given["lists"] = {
                part: str((folder / file).absolute()) for part, file in self.lists.items()
            }
        return self.model_copy(update=given)

    def _at_random(self, data: Dataset, seed: int) -> Rows:
        classes = self._classes(data)
        order = generator(seed, Stream.SPLIT, _PARTS).permutation(len(data))
        if self.folds is None:
            return at_random(order, self._shares(), classes)
        order = generator(seed, Stream.SPLIT, _FOLDS).permutation(len(data))
        held = deal(order, self.folds, classes) == self._held
        rest = np.flatnonzero(~held)
        order = generator(seed, Stream.SPLIT, _IN_FOLD, self._held).permutation(len(rest))
        inside = at_random(order, self._shares(), None if classes is None else classes.take(rest))
        return _with_test(inside.within(rest), np.flatnonzero(held))

    def _in_groups(self, data: Dataset, seed: int) -> Rows:
        classes = self._classes(data)
        assert self.by is not None
        _, groups = data.marks[self.by].groups()
        if self.folds is None:
            draw = generator(seed, Stream.SPLIT, _PARTS)
            return Rows.of(in_groups(groups, self._shares(), draw, classes))
        draw = generator(seed, Stream.SPLIT, _FOLDS)
        equal = [Fraction(1, self.folds)] * self.folds
        held = in_groups(groups, equal, draw, classes) == self._held
        rest = np.flatnonzero(~held)
        _, groups = np.unique(groups[rest], return_inverse=True)
        draw = generator(seed, Stream.SPLIT, _IN_FOLD, self._held)
        classes = None if classes is None else classes.take(rest)
        inside = Rows.of(in_groups(groups.reshape(-1), self._shares(), draw, classes))
        return _with_test(inside.within(rest), np.flatnonzero(held))

    def _in_time(self, data: Dataset) -> Rows:
        assert self.time is not None
        instants = data.marks[self.time].instants()
        if self.folds is None:
            return in_time(instants, self._shares())
        before, held = rolling(instants, self.folds, self._held)
        inside = in_time(instants[before], self._shares())
        return _with_test(inside.within(before), held)

    @property
    def _held(self) -> int:
        """The fold that tests, from 0; who does not go through all looks at the first."""
        return (self.fold or 1) - 1

    def _classes(self, data: Dataset) -> Classes | None:
        """What the mix of the parts shall be even in; None is nothing."""
        if not self.stratify:
            return None
        if data.classes is None:
            raise DataError(
                "data.split.stratify needs classes, and the data is a regression; set it to false"
            )
        if len(data.targets.shape) > 1:
            raise DataError(
                "data.split.stratify needs one class a sample, and the data has several; "
                "set it to false"
            )
        return Classes(data.codes, data.classes)

    def _shares(self) -> Shares:
        """Of the parts in order; exact decimals, as 0.1 is written and not as a float holds it."""
        validation, test = (
            Fraction(0) if isinstance(share, str) else Fraction(str(share))
            for share in (self.validation, self.test)
        )
        return Fraction(1) - validation - test, validation, test

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        """Around what divides: a fault is put down to the key that says how."""
        key = next((key for key in ("lists", *self.columns) if getattr(self, key)), "stratify")
        try:
            yield
        except DataError as fault:
            raise DataError(str(fault), self.place_of(key)) from fault


def _with_test(rows: Rows, test: Array) -> Rows:
    return Rows(rows.train, rows.validation, test)
