"""The section ``data.split`` of a spec: training, validation and test set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, PositiveInt, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.split.at_random import at_random, deal
from dlrun.data.split.by_group import in_groups
from dlrun.data.split.by_time import in_time, rolling
from dlrun.data.split.parts import Classes, Part, Rows, Shares
from dlrun.data.split.predefined import by_column, by_lists
from dlrun.errors import DataError
from dlrun.rng import Stream, generator
from dlrun.spec.component import Component

_PARTS, _FOLDS, _IN_FOLD = range(3)
"""Purposes of random draws from the stream of the split."""


def _share(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
    if not number and not (isinstance(value, str) and value):
        raise ValueError("must be a fraction from 0 to less than 1, or the path of a file")
    if isinstance(value, str) and (percent := re.fullmatch(r"([\d.]+) ?%", value)):
        raise ValueError(f"must be a fraction such as {float(percent[1]) / 100:g}")
    return value


Share = Annotated[float | str, BeforeValidator(_share)]
"""A fraction of the source's samples (0: no such set), or a file of samples."""

Column = Annotated[str, Field(min_length=1)]
"""The name of a column of the source."""


class Split(Component):
    """Split of the samples into training, validation and test set."""

    validation: Share = 0.2
    """Fraction of the samples for validation, or a file in the format of the source.  With
    ``folds``, a fraction of the samples outside the fold; with ``part`` or ``lists``, 0."""
    test: Share = 0.0
    """Fraction of the samples for the test of the final weights, or a file."""
    stratify: bool = False
    """Keep the class proportions in every set, as closely as whole samples, or groups, allow."""
    by: Column | None = None
    """Group split: a column with the group of each sample, such as a patient; no group is in two
    sets (GroupKFold in scikit-learn).  The column is an input only if the source lists it."""
    time: Column | None = None
    """Time series split: a column of numbers or ISO dates.  The latest samples test, those before
    them validate, the earliest train; samples with the same time stay together (TimeSeriesSplit in
    scikit-learn).  The column is an input only if the source lists it."""
    part: Column | None = None
    """Predefined split: a column with train, validation or test for each sample.  It is not an
    input."""
    lists: dict[Part, str] | None = Field(default=None, min_length=1)
    """Predefined split: files that list the samples of a set by their index, from 0, one per line.
    Without a file for ``train``, all other samples train."""
    folds: Annotated[int, Field(ge=2, le=1000)] | None = None
    """k-fold cross-validation: number of folds, each of which tests once while the others train and
    validate.  dlrun train makes one run per fold and prints mean and interval of the scores."""
    fold: PositiveInt | None = None
    """Train only one fold: the fold that tests, from 1; null trains all folds."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    """Random seed of the split; null is the seed of the run."""

    @model_validator(mode="before")
    @classmethod
    def _predefined(cls, values: Any) -> Any:
        """The default of the validation fraction is 0 for predefined splits."""
        if isinstance(values, dict) and (values.get("part") or values.get("lists")):
            return {"validation": 0.0, **values}
        return values

    @model_validator(mode="after")
    def _fit_together(self) -> Split:
        ways = [name for name in ("by", "time", "part", "lists") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"'{ways[0]}' and '{ways[1]}' cannot be combined; remove one of them")
        predefined = next((name for name in ways if name in ("part", "lists")), None)
        if predefined is not None and (self.validation != 0 or self.test != 0):
            raise ValueError(
                f"'{predefined}' defines the validation and test set; remove the fractions"
            )
        if predefined is not None and self.folds is not None:
            raise ValueError(f"'folds' cannot be combined with '{predefined}'; remove one of them")
        if self.stratify and ways and ways != ["by"]:
            raise ValueError(f"'stratify' cannot be combined with '{ways[0]}'; remove one of them")
        if self.folds is not None and self.test != 0:
            raise ValueError("with 'folds' every fold is the test set once; remove 'test'")
        if self.fold is not None and self.folds is None:
            raise ValueError("'fold' needs 'folds'; set the number of folds")
        if self.fold is not None and self.folds is not None and self.fold > self.folds:
            raise ValueError(f"'fold' is {self.fold}, but there are {self.folds} folds; lower it")
        if sum(self._shares()[1:]) >= 1:
            raise ValueError("validation and test leave no samples for training; lower one of them")
        return self

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For a fraction alone: that of the validation set."""
        if field or isinstance(value, bool) or not isinstance(value, float) or not 0 < value < 1:
            return ""
        return f"write {{validation: {value}}}"

    @property
    def columns(self) -> Mapping[str, str]:
        """The side columns that the split needs, by the key that names them."""
        named = {key: getattr(self, key) for key in ("by", "time", "part")}
        return {key: name for key, name in named.items() if name is not None}

    def rows(self, data: Dataset, seed: int, folder: Path = Path()) -> Rows:
        """Split the source's samples, always in the same way for the same data, split and seed.

        The test set does not depend on the validation fraction unless ``stratify`` or ``by`` is
        set.

        Args:
            data: with the side columns that are needed.
            seed: the run's seed.
            folder: the folder that relative paths start at.

        Raises:
            DataError: a set would be empty, a class cannot be in all sets, ``stratify`` is set
                without classes, or a column or a list has a wrong value; the error has the place
                of the key in the spec.
        """
        seed = seed if self.seed is None else self.seed
        with self._blamed():
            if self.part is not None:
                return by_column(data.side_columns[self.part])
            if self.lists is not None:
                return by_lists(self.lists, len(data), folder)
            if self.time is not None:
                return self._in_time(data)
            if self.by is not None:
                return self._in_groups(data, seed)
            return self._at_random(data, seed)

    def anchored(self, folder: Path) -> Split:
        """The same split with absolute paths; relative ones start at ``folder``."""
        given: dict[str, Any] = {
            name: str((folder / file).absolute()) for name, file in self.files.items()
        }
        if self.lists is not None:
            given["lists"] = {
                part: str((folder / file).absolute()) for part, file in self.lists.items()
            }
        return self.model_copy(update=given)

    @property
    def files(self) -> dict[str, str]:
        """The files of samples, by the set that they are."""
        sets = (("validation", self.validation), ("test", self.test))
        return {name: share for name, share in sets if isinstance(share, str)}

    def reading_from(self, other: Split, *, lists: bool) -> Split:
        """The same split with the paths of another one that has the same kinds of files.

        Args:
            other: the other split.
            lists: whether to take the paths of ``lists``, too, which are not part of the data.
        """
        given: dict[str, Any] = {}
        if self.files.keys() == other.files.keys():
            given |= other.files
        if lists and (self.lists or {}).keys() == (other.lists or {}).keys():
            given["lists"] = other.lists
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
        _, groups = data.side_columns[self.by].groups()
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
        instants = data.side_columns[self.time].instants()
        if self.folds is None:
            return in_time(instants, self._shares())
        before, held = rolling(instants, self.folds, self._held)
        try:
            inside = in_time(instants[before], self._shares())
        except DataError as error:
            raise DataError(
                f"fold {self._held + 1} of {self.folds}, before which {len(before)} samples are: "
                f"{error}; or set data.split.validation to 0"
            ) from error
        return _with_test(inside.within(before), held)

    @property
    def _held(self) -> int:
        """The fold that tests, from 0; the first one if the spec names none."""
        return (self.fold or 1) - 1

    def _classes(self, data: Dataset) -> Classes | None:
        """The classes for stratification; None for a split that is not stratified."""
        if not self.stratify:
            return None
        if data.classes is None:
            raise DataError(
                "data.split.stratify needs classes, but the data is a regression; set it to false"
            )
        if len(data.targets.shape) > 1:
            raise DataError(
                "data.split.stratify needs exactly one class per sample, but the data has several; "
                "set it to false"
            )
        return Classes(data.codes, data.classes)

    def _shares(self) -> Shares:
        """Fractions of the sets; exact decimals, so 0.1 is not the nearest binary float."""
        validation, test = (
            Fraction(0) if isinstance(share, str) else Fraction(str(share))
            for share in (self.validation, self.test)
        )
        return Fraction(1) - validation - test, validation, test

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        """Give errors of the split the place of the key in the spec that defines it."""
        key = next((key for key in ("lists", *self.columns) if getattr(self, key)), "stratify")
        try:
            yield
        except DataError as error:
            raise DataError(str(error), self.place_of(key)) from error


def _with_test(rows: Rows, test: Array) -> Rows:
    return Rows(rows.train, rows.validation, test)
