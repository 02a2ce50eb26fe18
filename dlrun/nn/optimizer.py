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

    def bind(
        self,
        w: Array,
        g: Array,
        state: Mapping[str, Array],
        pace: Pace,
        decay: bool,
        kernels: Kernels,
    ) -> Work:
        """A function that makes one step on the block.

        Args:
            w: weights, flat.
            g: their gradients.
            state: the block's part of every slot.
            pace: read in every step.
            decay: whether weight decay applies to this block.
            kernels: the inner loops to call.
        """
        raise NotImplementedError


optimizer = Optimizer.family
