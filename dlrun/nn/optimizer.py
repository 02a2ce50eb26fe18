"""What an optimizer is: the rule that changes a block of weights, given their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.threads import Work
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive
from dlrun.spec.registry import Registry


@dataclass(slots=True)
class Pace:
    """What changes from step to step: the learning rate, and the step's number, from 1."""

    lr: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """A block of weights with all that belongs to it.

    Attributes:
        value: flat.
        grad: their gradients.
        state: the block's part of every slot of the optimizer.
        decay: whether weight decay applies to them.
    """

    value: Array
    grad: Array
    state: Mapping[str, Array]
    decay: bool


class Optimizer(Component):
    """The root of all optimizers.

    A rule is elementwise and is bound to one flat block of weights at a time, so it can be written
    as one loop, and the planner may cut the arena as the caches like it.
    """

    family: ClassVar = Registry["Optimizer"]("optimizer")

    lr: Positive
    """Learning rate; a schedule multiplies it."""

    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays, each as long as the weights, that start at zero."""
        raise NotImplementedError

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """Work that makes one step on a block.

        Args:
            of: the block.
            pace: read in every step.
            kernels: the inner loops to call.
        """
        raise NotImplementedError


optimizer = Optimizer.family
