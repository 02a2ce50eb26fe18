"""Rows divided into parts: at random, with an even mix of classes, in whole groups, by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.apportion import apportion, apportion_table
from dlrun.data.grouping import share_groups
from dlrun.data.input_file import opened
from dlrun.data.marks import Marks
from dlrun.errors import DataError

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

Shares = tuple[Fraction, Fraction, Fraction]
"""Of the parts in order; they sum to 1."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the source that make up each part, in ascending order, int64.

    A part of no rows is not asked for, or comes from a file.
    """

    train: Array
    validation: Array
    test: Array

    @classmethod
    def of(cls, part: Array) -> Rows:
        """From the number of each row's part, (n,); rows of other numbers are in none."""
        return cls(*(np.flatnonzero(part == number) for number in range(3)))

    def within(self, rows: Array) -> Rows:
        """The same division of some rows of a larger whole, ascending."""
        return Rows(rows[self.train], rows[self.validation], rows[self.test])


@dataclass(frozen=True, slots=True)
class Classes:
    """What every part shall have the same mix of.

    Attributes:
        codes: (n,) int64 of the samples.
        names: of the classes.
    """

    codes: Array
    names: tuple[str, ...]

    def take(self, rows: Array) -> Classes:
        """Those of some samples."""
        return Classes(self.codes[rows], self.names)


def at_random(order: Array, shares: Shares, classes: Classes | None) -> Rows:
    """Parts of given shares, drawn by an order of all samples.

    Test rows come first in it, so that without classes they stay the same whatever validates.

    Raises:
        DataError: a part comes out empty, or a class cannot be in all parts.
    """
    sizes = apportion(len(order), shares)
    _need_samples(sizes, shares, len(order))
    if classes is None:
        blocks, counts = [order], np.array([sizes])
    else:
        blocks, counts = _by_class(order, classes, sizes)
    cuts = [
        np.split(block, [test, test + validation])
        for block, (_, validation, test) in zip(blocks, counts.tolist(), strict=True)
    ]
    test, validation, train = (np.sort(np.concatenate(part)) for part in zip(*cuts, strict=True))
    return Rows(train, validation, test)


def deal(order: Array, folds: int, classes: Classes | None) -> Array:
    """A fold for each sample, (n,) int64 from 0: dealt in turn along an order, class by class.

    Sizes of folds, and of each class in them, differ by at most 1.

    Raises:
        DataError: there are fewer samples, or fewer of a class, than folds.
    """
    if len(order) < folds:
        raise DataError(f"{folds} folds of {len(order)} samples: some would be empty")
    if classes is not None:
        sizes = np.bincount(classes.codes, minlength=len(classes.names)).tolist()
        for name, size in zip(classes.names, sizes, strict=True):
            if size < folds:
                raise DataError(
                    f"class '{name}' has {size} samples, too few for {folds} folds; add samples of "
                    "it, lower folds or set stratify to false"
                )
        order = order[np.argsort(classes.codes[order], kind="stable")]
    fold = np.empty(len(order), np.int64)
    fold[order] = np.arange(len(order)) % folds
    return fold


def in_groups(
    groups: Array, shares: Sequence[Fraction], draw: np.random.Generator, classes: Classes | None
) -> Array:
    """A part for each sample, (n,) int64, which is that of its whole group.

    It depends on the groups and on what is in them, not on the order of samples.

    Args:
        groups: (n,) int64, from 0 without a gap.
        shares: of the parts.
        draw: decides between groups of one size.
        classes: what the parts shall have the same mix of; None looks at sizes alone.

    Raises:
        DataError: a part comes out empty or without a class.
    """
    number = int(groups.max()) + 1
    wanted = sum(share > 0 for share in shares)
    if number < wanted:
        raise DataError(f"{number} groups are too few for {wanted} parts")
    codes = np.zeros_like(groups) if classes is None else classes.codes
    width = 1 if classes is None else len(classes.names)
    counts = np.bincount(groups * width + codes, minlength=number * width).reshape(number, width)
    part = share_groups(counts, shares, draw.permutation(number))
    for place, share in enumerate(shares):
        of_class = counts[part == place].sum(axis=0)
        if share and not of_class.sum():
            raise DataError(
                f"the groups are too large for a part of {float(share):.3g} of the samples: it "
                "would be empty; enlarge it"
            )
        if share and classes is not None and not of_class.all():
            lacking = classes.names[int(np.argmin(of_class))]
            raise DataError(
                f"class '{lacking}' is in too few groups to be in every part; add groups with it "
                "or set stratify to false"
            )
    return np.asarray(part[groups])


def in_time(instants: Array, shares: Shares) -> Rows:
    """The latest samples test, those before them validate; all of one instant are in one part.

    Each part begins where an instant does that is nearest to its share.

    Raises:
        DataError: a part comes out empty.
    """
    sizes = apportion(len(instants), shares)
    _need_samples(sizes, shares, len(instants))
    wanted = [place for place, share in enumerate(shares) if share]
    ends = np.cumsum([sizes[place] for place in wanted])[:-1]
    parts = [np.empty(0, np.int64)] * 3
    for place, rows in zip(wanted, _stretches(instants, ends.tolist(), "parts"), strict=True):
        parts[place] = rows
    return Rows(*parts)


def rolling(instants: Array, folds: int, fold: int) -> tuple[Array, Array]:
    """Rows before a fold of time, and those in it, each (m,) ascending.

    Time is cut into one stretch more than there are folds; each fold tests a stretch and trains
    on all that lies before it, as forecasts do (Tashman, "Out-of-sample tests of forecasting
    accuracy", International Journal of Forecasting, 2000).  All samples of one instant are in one
    stretch.

    Raises:
        DataError: there are fewer samples, or fewer instants, than stretches.
    """
    if len(instants) <= folds:
        raise DataError(f"{folds} folds of {len(instants)} samples: some would be empty")
    sizes = apportion(len(instants), [Fraction(1, folds + 1)] * (folds + 1))
    stretches = _stretches(instants, np.cumsum(sizes)[:-1].tolist(), "stretches")
    return np.sort(np.concatenate(stretches[: fold + 1])), stretches[fold + 1]


def _stretches(instants: Array, ends: Sequence[int], what: str) -> list[Array]:
    """Rows in stretches of time, each (m,) ascending, which divide no instant.

    Args:
        instants: (n,) when each sample was.
        ends: how many samples there had better be up to the end of each stretch but the last.
        what: messages call the stretches.

    Raises:
        DataError: there are fewer instants than stretches.
    """
    order = np.argsort(instants, kind="stable")
    ordered = instants[order]
    begins = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1  # of all instants but the first
    if len(begins) < len(ends):
        raise DataError(
            f"{len(begins) + 1} different times are too few for {len(ends) + 1} {what}, since "
            "samples of one time stay together; ask for fewer, or divide by a column of finer times"
        )
    cuts: list[int] = []
    last = len(begins)
    for number in range(len(ends) - 1, -1, -1):  # so that what tests depends on nothing before it
        place = int(np.argmin(np.abs(begins[number:last] - ends[number])))
        last = number + place  # as many begins are left for the ends before it
        cuts.insert(0, int(begins[last]))
    return [np.sort(rows) for rows in np.split(order, cuts)]


def as_marked(marks: Marks) -> Rows:
    """Each sample in the part that its mark names.

    Raises:
        DataError: a mark names none, or nobody trains.
    """
    place: dict[str, int] = {name: number for number, name in enumerate(PARTS)}
    part = np.array([place.get(value, -1) for value in marks.values])
    if (part < 0).any():
        row = int(np.argmax(part < 0))
        what = "it is missing" if not marks.values[row] else f"{marks.values[row]!r} is no part"
        raise marks.fault(row, f"{what}; write train, validation or test")
    if not (part == 0).any():
        raise DataError(f"no row of column '{marks.name}' says train")
    return Rows.of(part)


def as_listed(files: Mapping[Part, str], samples: int, folder: Path) -> Rows:
    """Each sample in the part whose file lists it; where none is for training, the rest trains.

    Args:
        files: by part; each holds a number of a sample, from 0, a line.
        samples: how many there are.
        folder: where relative paths start.

    Raises:
        DataError: a file cannot be read, a line is no such number, or a sample is listed twice.
    """
    part = np.full(samples, -1 if "train" in files else 0)
    seen: dict[int, str] = {}
    for name, file in files.items():
        listed = 0
        for line, text in enumerate(_lines(folder / file, file), start=1):
            if not text.strip():
                continue
            place = f"{file}:{line}"
            row = int(text) if text.strip().isascii() and text.strip().isdecimal() else -1
            if not 0 <= row < samples:
                raise DataError(
                    f"{place}: '{text.strip()[:40]}' is no number of a sample, 0 to {samples - 1}"
                )
            if row in seen:
                raise DataError(f"{place}: sample {row} is listed twice, first at {seen[row]}")
            seen[row] = place
            part[row] = PARTS.index(name)
            listed += 1
        if not listed:
            raise DataError(f"{file}: it lists no sample for the {name} part")
    if not (part == 0).any():
        raise DataError("the lists leave nothing to train on")
    return Rows.of(part)


def _lines(path: Path, name: str) -> list[str]:
    with opened(path, name) as file:
        try:
            return file.read().decode().splitlines()
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}: no text; write the number of a sample on each line"
            ) from error


def _need_samples(sizes: Sequence[int], shares: Shares, samples: int) -> None:
    for part, size, share in zip(PARTS, sizes, shares, strict=True):
        if share and not size:
            advice = (
                "lower data.split.validation or data.split.test"
                if part == "train"
                else f"raise data.split.{part} or set it to 0"
            )
            raise DataError(
                f"the {part} part, {float(share):g} of {samples} samples, is empty; {advice}"
            )


def _by_class(order: Array, classes: Classes, sizes: list[int]) -> tuple[list[Array], Array]:
    """Rows of each class in the order drawn, and how many of them go to each part."""
    codes = classes.codes
    sorted_by_class = order[np.argsort(codes[order], kind="stable")]
    of_class = np.bincount(codes, minlength=len(classes.names))
    counts = apportion_table(of_class.tolist(), sizes)
    for name, size, row in zip(classes.names, of_class.tolist(), counts.tolist(), strict=True):
        for part, asked, count in zip(PARTS, sizes, row, strict=True):
            if asked and not count:
                raise DataError(
                    f"data.split.stratify: class '{name}' has {size} of {len(codes)} samples, "
                    f"too few for the {part} part of {asked}; add samples of it, enlarge the "
                    "part or set stratify to false"
                )
    return np.split(sorted_by_class, np.cumsum(of_class)[:-1]), counts
