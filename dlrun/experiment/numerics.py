"""Portable numerics, if a spec asks for them."""

from __future__ import annotations

from dlrun import portable
from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document
from dlrun.spec.nodes import Scalar
from dlrun.spec.unknown import UNKNOWN

_REFERENCE = "${"


def need_written_out(document: Document[Experiment]) -> None:
    """Make sure that ``numerics`` refers to nothing: a sweep would search it, in one process.

    Args:
        document: the spec; its problems get an error, and the reference is not reported again.
    """
    node = document.root.get("numerics")
    if isinstance(node, Scalar) and isinstance(node.value, str) and _REFERENCE in node.value:
        document.problems.add(
            node.origin,
            f"{node.value} decides before anything else is computed",
            "write native or portable",
        )
        unknown = Scalar(UNKNOWN, node.origin)
        document.root = document.root.having("numerics", unknown, node.origin)


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
