"""Time series splits: training on earlier samples, validation and test on later ones."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from dlrun.arrays import Array
from dlrun.data.split.apportion import apportion
from dlrun.data.split.parts import Rows, Shares, need_samples
from dlrun.errors import DataError


def in_time(instants: Array, shares: Shares) -> Rows:
    """Split by time: the latest samples are the test set, those before them the validation set.

    Samples with the same time are in the same set.  Each set begins at the change of time that is
    closest to its fraction.

    Args:
        instants: (n,) times of the samples.
        shares: fractions of training, validation and test set.

    Raises:
        DataError: a set would be empty.
    """
    sizes = apportion(len(instants), shares)
    need_samples(sizes, shares, len(instants))
    wanted = [place for place, share in enumerate(shares) if share]
    ends = np.cumsum([sizes[place] for place in wanted])[:-1]
    parts = [np.empty(0, np.int64)] * 3
    for place, rows in zip(wanted, _periods(instants, ends.tolist(), "sets"), strict=True):
        parts[place] = rows
    return Rows(*parts)


def rolling(instants: Array, folds: int, fold: int) -> tuple[Array, Array]:
    """Rows before a fold and rows in it, each (m,) ascending.

    Time is divided into one more period than there are folds.  Each fold tests on a period and
    trains on everything before it, as a forecast does (Tashman, "Out-of-sample tests of forecasting
    accuracy", International Journal of Forecasting, 2000).  Samples with the same time are in the
    same period.

    Args:
        instants: (n,) times of the samples.
        folds: number of folds.
        fold: index of the fold, from 0.

    Raises:
        DataError: there are fewer samples, or fewer distinct times, than periods.
    """
    if len(instants) <= folds:
        raise DataError(
            f"{folds} folds of {len(instants)} samples: some would be empty; lower data.split.folds"
        )
    sizes = apportion(len(instants), [Fraction(1, folds + 1)] * (folds + 1))
    periods = _periods(instants, np.cumsum(sizes)[:-1].tolist(), "periods")
    return np.sort(np.concatenate(periods[: fold + 1])), periods[fold + 1]


def _periods(instants: Array, ends: Sequence[int], what: str) -> list[Array]:
    """Rows in periods of time, each (m,) ascending, which keep samples of the same time together.

    Args:
        instants: (n,) times of the samples.
        ends: desired numbers of samples up to the end of each period except the last.
        what: the name of the periods in messages.

    Raises:
        DataError: there are fewer distinct times than periods.
    """
    order = np.argsort(instants, kind="stable")
    ordered = instants[order]
    begins = (
        np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    )  # of all distinct times except the first
    if len(begins) < len(ends):
        raise DataError(
            f"{_counted(len(begins) + 1)} too few for {len(ends) + 1} {what}, because "
            "samples with the same time stay together; use fewer, or a column with finer times"
        )
    cuts: list[int] = []
    last = len(begins)
    for number in range(
        len(ends) - 1, -1, -1
    ):  # so that the test set does not depend on the others
        place = int(np.argmin(np.abs(begins[number:last] - ends[number])))
        last = number + place  # leaves enough beginnings for the earlier ends
        cuts.insert(0, int(begins[last]))
    return [np.sort(rows) for rows in np.split(order, cuts)]


def _counted(times: int) -> str:
    return "1 time is" if times == 1 else f"{times} different times are"
