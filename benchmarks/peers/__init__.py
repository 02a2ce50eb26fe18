"""The libraries that are compared, by their names in the tables."""

from __future__ import annotations

from benchmarks.peers.peer import Peer, UnavailableError
from benchmarks.works import Work

OURS = "dlrun"
OURS_COMPILED = "dlrun numba"
"""With DLRUN_KERNELS=numba, for networks that are so small that they run on NumPy by default."""
EAGER = ("torch", "torch channels_last")
"""PyTorch without a compiler; ratios are to the faster of the two."""


def peers_of(work: Work) -> tuple[str, ...]:
    """The libraries that can run a network."""
    eager = EAGER if work.convolutional else EAGER[:1]
    small = (OURS_COMPILED, "scikit-learn") if work.name == "mlp-small" else ()
    return (OURS, *eager, "torch compile", "jax", *small)


def load(name: str) -> Peer:
    """Import a peer.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        if name in (OURS, OURS_COMPILED):
            from benchmarks.peers.ours import Ours

            return Ours(compiled=name == OURS_COMPILED)
        if name == "jax":
            from benchmarks.peers.jax_ import Jax

            return Jax()
        if name == "scikit-learn":
            from benchmarks.peers.sklearn_ import ScikitLearn

            return ScikitLearn()
        from benchmarks.peers.pytorch import PyTorch

        return PyTorch(channels_last="channels_last" in name, compiled="compile" in name)
    except ModuleNotFoundError as error:
        raise UnavailableError(f"{error.name} is not installed") from error
