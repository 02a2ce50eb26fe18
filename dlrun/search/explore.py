"""Settings near others: each value moves a step on its dimension, or is drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion

_PATIENCE = 256
"""Draws that may violate a constraint before the settings stay as they are."""


def explored(
    space: Space,
    settings: Mapping[str, Any],
    step: float,
    resample: float,
    random: np.random.Generator,
) -> Suggestion:
    """Settings of the space that are near others, or in some keys anywhere.

    Args:
        space: the search space.
        settings: values by key, in the space.
        step: distance by which a value moves, up or down, as a fraction of its range on the scale
            of its dimension; see ``Dimension.moved``.
        resample: the probability that a value is drawn from the whole range instead.
        random: determines the result.
    """
    for _ in range(_PATIENCE):
        found: Suggestion = {}
        for key in space.keys:
            chance, side, place = random.random(3).tolist()
            if not space.counts(key, found):
                continue
            dimension = space.dimensions[key]
            if key not in settings or chance < resample:
                found[key] = dimension.at(place)
            else:
                found[key] = dimension.moved(settings[key], step if side < 0.5 else -step)
        if space.fits(found):
            return found
    return dict(settings)
