"""The inner loops, one file a family, each twice.

``reference`` is plain NumPy, written to be read; ``compiled`` is Numba, written to be fast.  Both
have the same functions with the same arguments, and tests hold their results together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Literal

Which = Literal["numpy", "numba"]


@dataclass(frozen=True, slots=True)
class Kernels:
    """A module for each family, of one make; layers, losses and optimizers are bound to them."""

    which: Which
    activation: ModuleType
    attention: ModuleType
    conv: ModuleType
    dropout: ModuleType
    embedding: ModuleType
    loss: ModuleType
    norm: ModuleType
    pool: ModuleType
    recurrent: ModuleType
    sample_norm: ModuleType
    softmax: ModuleType
    update: ModuleType


@cache
def numpy_kernels() -> Kernels:
    """Plain NumPy: starts at once."""
    from dlrun.nn.kernels.reference import (
        activation,
        attention,
        conv,
        dropout,
        embedding,
        loss,
        norm,
        pool,
        recurrent,
        sample_norm,
        softmax,
        update,
    )

    return Kernels(
        "numpy",
        activation,
        attention,
        conv,
        dropout,
        embedding,
        loss,
        norm,
        pool,
        recurrent,
        sample_norm,
        softmax,
        update,
    )


@cache
def numba_kernels() -> Kernels:
    """Numba: faster, but loading takes most of a second, and compiling, once a machine, a minute.

    Raises:
        ImportError: Numba is not installed.
    """
    from dlrun.nn.kernels.compiled import (
        activation,
        attention,
        conv,
        dropout,
        embedding,
        loss,
        norm,
        pool,
        recurrent,
        sample_norm,
        softmax,
        update,
    )

    return Kernels(
        "numba",
        activation,
        attention,
        conv,
        dropout,
        embedding,
        loss,
        norm,
        pool,
        recurrent,
        sample_norm,
        softmax,
        update,
    )


def choose(work: int) -> Kernels:
    """Kernels for a network: ``DLRUN_KERNELS`` (numpy or numba) or, unset, what pays off.

    The choice depends on the network alone, so that a longer run of it has the same bits.

    Args:
        work: multiply-adds of a sample's forward pass.
    """
    asked = os.environ.get("DLRUN_KERNELS", "")
    if asked == "numpy" or (asked != "numba" and work < _WORTH_LOADING):
        return numpy_kernels()
    try:
        return numba_kernels()
    except ImportError:
        if asked == "numba":
            raise
        return numpy_kernels()


_WORTH_LOADING = 50_000
"""Below so many multiply-adds a sample a whole run is over before Numba is loaded."""
