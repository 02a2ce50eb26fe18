"""Suggestions as numeric columns for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.search.dimensions.base import Dimension
from dlrun.search.space import Space


class Features:
    """Positions in a space, rounded to values that can be suggested, and their columns for a model.

    An ordered dimension is one column of positions in [0, 1]; an unordered one is one-hot encoded,
    so that all values are equally far apart. An inactive key is always at 1/2, its one-hot columns
    at 0, so the value that was drawn for it makes no difference.

    Attributes:
        keys: index of the key that each column belongs to.
        smooth: indices of the columns of real numbers, along which an acquisition has a gradient.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._dimensions = [space.dimensions[key] for key in space.keys]
        self._conditions = [
            [
                (space.keys.index(other), _positions(space.dimensions[other], wanted))
                for other, wanted in space.conditions(key).items()
            ]
            for key in space.keys
        ]
        columns = [_columns(each) for each in self._dimensions]
        self.keys = np.repeat(np.arange(len(columns)), columns)
        real = [number for number, each in enumerate(self._dimensions) if each.size is None]
        self.smooth = np.flatnonzero(np.isin(self.keys, real))

    def of(self, suggestions: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
        """Positions (n, keys) and columns (n, columns) of suggestions."""
        positions = np.array([self._space.positions(each) for each in suggestions])
        return self.at(positions.reshape(len(suggestions), len(self._dimensions)))

    def at(self, positions: Array) -> tuple[Array, Array]:
        """Rounded positions (n, keys) and columns (n, columns) of any positions."""
        snapped = np.empty_like(positions)
        counts = np.ones(positions.shape, bool)
        blocks = []
        for number, each in enumerate(self._dimensions):
            at, here = each.snap(positions[:, number]), counts[:, number]
            for other, wanted in self._conditions[number]:
                near = np.abs(snapped[:, other, None] - wanted) < 1e-9
                here &= counts[:, other] & near.any(axis=1)
            snapped[:, number] = np.where(here, at, 0.5)
            if each.ordered:
                blocks.append(snapped[:, number, None][:, : _columns(each)])
            else:
                words = np.arange(_columns(each))
                word = np.rint(at * len(words) - 0.5)
                blocks.append((words == word[:, None]) & here[:, None])
        return snapped, np.hstack(blocks).astype(np.float64)


def _columns(dimension: Dimension) -> int:
    if dimension.size == 1:
        return 0
    return 1 if dimension.ordered or dimension.size is None else dimension.size


def _positions(dimension: Dimension, wanted: Sequence[Any]) -> Array:
    return np.array([dimension.position(value) for value in wanted])
