"""Portable numerics, if a spec asks for them."""

from __future__ import annotations

from dlrun import portable
from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document


def need_numerics(document: Document[Experiment]) -> None:
    """Make sure that this process computes as a spec asks.

    Args:
        document: the spec; its problems get an error of the key.

    Raises:
        NotPinnedError, MachineError: it does not; see ``portable.need``.
    """
    if document.field("numerics") == "portable":
        node = document.root.get("numerics")
        assert node is not None
        portable.need(node.origin)


def need_numerics_of(experiment: Experiment, place: object) -> None:
    """Make sure that this process computes as the spec of a trained network asks.

    Args:
        experiment: the spec.
        place: the run; messages begin with it.

    Raises:
        NotPinnedError, MachineError: it does not; see ``portable.need``.
    """
    if experiment.numerics == "portable":
        portable.need(place)
