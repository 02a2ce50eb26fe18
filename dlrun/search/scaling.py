"""Objectives as a model of them needs them."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

_FINEST = 1e-12
"""Differences of objectives, relative to the largest, that count as equal."""


def scaled(values: Array) -> Array:
    """Objectives (n,) scaled for the model: mean 0, variance 1, NaN (failed) as the worst.

    Values far above the median are compressed, since differences between bad values do not help to
    find the good ones.
    """
    finite = np.isfinite(values)
    measured = values[finite] / max(np.abs(values[finite]).max(), np.finfo(float).tiny)
    least, low, middle = np.quantile(measured, [0.0, 0.25, 0.5])
    # Twice the spread of the lower half, independent of the bad values. Less would compress so much
    # that noise outweighs the valley: mean regrets on Branin with noise were 1.1 instead of 0.4.
    spread = max(2 * (middle - low) or middle - least or measured.max() - middle, _FINEST)
    above = np.maximum(measured - middle, 0.0) / spread
    bent = np.minimum(measured, middle) + spread * np.log1p(above)
    found = np.full(len(values), bent.max())
    found[finite] = bent
    deviation = found.std()
    return np.asarray((found - found.mean()) / (deviation if deviation > 0 else 1.0))
