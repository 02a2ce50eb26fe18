"""The inner loops, one file a family, each twice.

``reference`` is plain NumPy, written to be read; ``compiled`` is Numba, written to be fast.  Both
have the same functions with the same arguments, and tests hold their results together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from types import ModuleType

from dlrun import variables
from dlrun.errors import InputError, MachineError
from dlrun.variables import KernelsName


@dataclass(frozen=True, slots=True)
class Kernels:
    """A module for each family, of one make; layers, losses and optimizers are bound to them."""

    which: KernelsName
    activation: ModuleType
    adam: ModuleType
    attention: ModuleType
    conv: ModuleType
    dropout: ModuleType
    embedding: ModuleType
    gradient: ModuleType
    loss: ModuleType
    norm: ModuleType
    pool: ModuleType
    recurrent: ModuleType
    resample: ModuleType
    sample_norm: ModuleType
    softmax: ModuleType
    update: ModuleType
    wait: ModuleType


@cache
def numpy_kernels() -> Kernels:
    """Plain NumPy: starts at once."""
    return _kernels("numpy", "reference")


@cache
def numba_kernels() -> Kernels:
    """Numba: faster, but loading takes most of a second, and compiling, once a machine, a minute.

    Raises:
        ImportError: Numba is not installed.
    """
    return _kernels("numba", "compiled")


def _kernels(which: KernelsName, make: str) -> Kernels:
    families = [field.name for field in fields(Kernels) if field.name != "which"]
    return Kernels(which, *(import_module(f"{__name__}.{make}.{name}") for name in families))


def choose(work: int) -> Kernels:
    """Kernels for a network: ``DLRUN_KERNELS`` (numpy or numba) or, unset, what pays off.

    The choice depends on the network alone, so that a longer run of it has the same bits.

    Args:
        work: multiply-adds of a sample's forward pass.
    """
    return choice(work)[0]


def choice(work: int) -> tuple[Kernels, str]:
    """What ``choose`` chooses, and why, in words.

    Raises:
        InputError: ``DLRUN_KERNELS`` asks for kernels that do not exist or are not installed.
        MachineError: Numba is installed and cannot be loaded, as where memory is short.
    """
    asked = variables.kernels()
    if asked == "numpy":
        return numpy_kernels(), "DLRUN_KERNELS asks for them"
    if asked != "numba" and work < _WORTH_LOADING:
        return numpy_kernels(), f"{work:,} multiply-adds a sample are fewer than {_WORTH_LOADING:,}"
    try:
        kernels = numba_kernels()
    except ImportError as fault:
        missing = isinstance(fault, ModuleNotFoundError) and fault.name == "numba"
        if missing and asked != "numba":
            return numpy_kernels(), "Numba is not installed"
        if missing:
            raise InputError(f"DLRUN_KERNELS=numba: {fault}") from fault
        # Other kernels have other bits: no run may get them because memory was short for once.
        raise MachineError(
            f"Numba is installed and cannot be loaded: {fault}; see to that, or ask for the slower "
            "kernels with DLRUN_KERNELS=numpy"
        ) from fault
    if asked == "numba":
        return kernels, "DLRUN_KERNELS asks for them"
    return kernels, f"{work:,} multiply-adds a sample are at least {_WORTH_LOADING:,}"


_WORTH_LOADING = 50_000
"""Below so many multiply-adds a sample a whole run is over before Numba is loaded."""
