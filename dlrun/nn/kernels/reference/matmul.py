"""Matrix multiplications."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from dlrun.arrays import Array


def product(a: Array, b: Array, out: Array) -> Callable[[], object]:
    """Work that computes ``np.matmul(a, b, out=out)``."""
    return partial(np.matmul, a, b, out)
