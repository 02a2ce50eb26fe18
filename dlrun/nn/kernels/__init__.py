"""The inner loops, one file per family, each in two implementations.

``reference`` is plain NumPy, written to be read; ``compiled`` is Numba, written to be fast.  Both
have the same functions with the same arguments, and tests compare their results.
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
    """One module per family, from one implementation; layers, losses and optimizers call them."""

    which: KernelsName
    activation: ModuleType
    adam: ModuleType
    attention: ModuleType
    augment: ModuleType
    conv: ModuleType
    dropout: ModuleType
    embedding: ModuleType
    gradient: ModuleType
    loss: ModuleType
    matmul: ModuleType
    norm: ModuleType
    pool: ModuleType
    recurrent: ModuleType
    sample_norm: ModuleType
    softmax: ModuleType
    update: ModuleType
    wait: ModuleType


@cache
def numpy_kernels() -> Kernels:
    """Plain NumPy: starts immediately."""
    return _kernels("numpy", "reference")


@cache
def numba_kernels() -> Kernels:
    """Numba: faster, but takes almost a second to load, and has to be compiled once per machine.

    Raises:
        ImportError: Numba is not installed.
    """
    return _kernels("numba", "compiled")


def _kernels(which: KernelsName, make: str) -> Kernels:
    families = [field.name for field in fields(Kernels) if field.name != "which"]
    return Kernels(which, *(import_module(f"{__name__}.{make}.{name}") for name in families))


def choose(work: int) -> Kernels:
    """Kernels for a network: ``DLRUN_KERNELS`` (numpy or numba) or, if unset, the faster choice.

    The choice depends only on the network, so that longer training does not change the results.

    Args:
        work: multiply-adds of a sample's forward pass.
    """
    return choice(work)[0]


def choice(work: int) -> tuple[Kernels, str]:
    """The kernels of ``choose``, and the reason in words.

    Raises:
        InputError: ``DLRUN_KERNELS`` names kernels that do not exist or are not installed.
        MachineError: Numba is installed but cannot be loaded, for example for lack of memory.
    """
    asked = variables.kernels()
    if asked == "numpy":
        return numpy_kernels(), "DLRUN_KERNELS selects them"
    if asked != "numba" and work < _WORTH_LOADING:
        return numpy_kernels(), f"{work:,} multiply-adds per sample are under {_WORTH_LOADING:,}"
    try:
        kernels = numba_kernels()
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "numba"
        if missing and asked != "numba":
            return numpy_kernels(), "Numba is not installed"
        if missing:
            raise InputError(f"DLRUN_KERNELS=numba: {error}") from error
        # Other kernels give other last bits: no run may switch because memory was short for once.
        raise MachineError(
            f"Numba is installed but cannot be loaded: {error}; fix that, or use the slower "
            "kernels with DLRUN_KERNELS=numpy"
        ) from error
    if asked == "numba":
        return kernels, "DLRUN_KERNELS selects them"
    return kernels, f"{work:,} multiply-adds per sample are at least {_WORTH_LOADING:,}"


_WORTH_LOADING = 50_000
"""With fewer multiply-adds per sample, a whole run takes less time than loading Numba."""
