"""An operation that is bound to its arrays: the functions that a step calls, and their context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels, numpy_kernels
from dlrun.nn.parallel.matmul import PIECE
from dlrun.nn.parallel.threads import Work, chain


class Bound(NamedTuple):
    """The functions of an operation that is bound to its arrays.

    ``backward`` reads the output's gradient and *writes* (never adds to) the gradients of the
    input, if there is one, and of every trainable parameter.  None in evaluation.

    Attributes:
        forward: writes the output.
        backward: see above.
        gather: if the samples of a batch depend on one another, collects from each chunk what
            forward needs before it can run on any chunk.
        gather_back: the same for backward.
    """

    forward: Work
    backward: Work | None = None
    gather: Work | None = None
    gather_back: Work | None = None


class Meeting(NamedTuple):
    """Functions that combine, once per step, what was gathered from all chunks."""

    forward: Work
    backward: Work


@dataclass(slots=True)
class Clock:
    """The current step of training; layers that draw random numbers read it in each step."""

    seed: int = 0
    epoch: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The arguments of ``bind`` other than arrays.

    Attributes:
        training: whether this plan trains; decided once, when binding.
        node: the node's index in the graph, so that two dropouts draw different numbers.
        batch: samples in the whole batch.
        first_row: the batch row of the first sample of the chunk.
        clock: the current step of training.
        kernels: the inner loops to call.
        mask: (batch, time), 1 at valid steps of the input and 0 at padding; None if all are valid.
        each: combines several functions that may run at the same time into one.
    """

    training: bool = False
    node: int = 0
    batch: int = 1
    first_row: int = 0
    clock: Clock = field(default_factory=Clock)
    kernels: Kernels = field(default_factory=numpy_kernels)
    mask: Array | None = None
    each: Callable[[Sequence[Work]], Work] = chain

    def each_for(self, multiply_adds: float) -> Callable[[Sequence[Work]], Work]:
        """``each``, or ``chain``, one after the other, for too little work for several threads.

        Args:
            multiply_adds: of all functions together.
        """
        return chain if multiply_adds < PIECE else self.each
