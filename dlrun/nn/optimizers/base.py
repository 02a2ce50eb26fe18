"""The base of optimizers: update rules for a block of weights, given its gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.parallel.threads import Work
from dlrun.nn.state import Kept
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive
from dlrun.spec.registry import Registry


@dataclass(slots=True)
class Pace(Kept):
    """The values that change from step to step: learning rate, and step number, from 1."""

    kept: ClassVar = ("lr", "step")

    lr: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class WeightBlock:
    """A block of weights with its gradients and settings.

    Attributes:
        value: the weights, flat; of the parameter's shape if the rule needs whole parameters.
        grad: their gradients, of the same shape.
        state: the block's part of every state array of the optimizer, of the same shape.
        decay: weight decay, the fraction of them that a step at learning rate 1 removes.
        hidden: whether none of them belongs to the network's last layer or to an embedding table.
        kernel: whether weight decay applies to them: not to biases, scales and shifts.
        blocks: number of matrices side by side in them; see ``Parameter.blocks``.
    """

    value: Array
    grad: Array
    state: Mapping[str, Array]
    decay: float = 0.0
    hidden: bool = True
    kernel: bool = True
    blocks: int = 1


class Optimizer(Component):
    """Base class of all optimizers.

    Most rules are elementwise: they are bound to one flat block of weights at a time, so that they
    are one loop, and the updater can cut the arena to fit the caches.  Other rules need whole
    parameters, and are bound to one at a time.

    A rule applies weight decay itself, by ``WeightBlock.decay``.  All that works with any rule
    (clipping, penalties, parameter groups, averages) is done before or after it.
    """

    family: ClassVar = Registry["Optimizer"]("optimizer")

    whole: ClassVar[bool] = False
    """True if a rule needs whole parameters instead of flat blocks."""

    lr: Positive
    """Learning rate; a schedule multiplies it."""

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For a text as the learning rate: where a schedule belongs."""
        if field != "lr" or not isinstance(value, str):
            return ""
        return "write a number; a schedule is at the top level, such as 'schedule: cosine'"

    def decay(self) -> float:
        """The rule's default weight decay, if the spec sets no other."""
        return 0.0

    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays, each of the weights' shape, initially zero."""
        raise NotImplementedError

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Elements of temporary memory for a parameter of this shape; see ``WeightBlock``."""
        return 0

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """A function that makes one step on a block.

        Args:
            of: the block.
            pace: read in every step.
            kernels: the inner loops to call.
        """
        raise NotImplementedError


optimizer = Optimizer.family
