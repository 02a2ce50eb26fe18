"""What an optimizer is: the rule that changes a block of weights, given their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.state import Kept
from dlrun.nn.threads import Work
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive
from dlrun.spec.registry import Registry


@dataclass(slots=True)
class Pace(Kept):
    """What changes from step to step: the learning rate, and the step's number, from 1."""

    kept: ClassVar = ("lr", "step")

    lr: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """A block of weights with all that belongs to it.

    Attributes:
        value: flat; of the parameter's shape where the rule is for whole parameters.
        grad: their gradients, of the same shape.
        state: the block's part of every slot of the optimizer, likewise.
        decay: the share of them that a step of rate 1 takes away by itself.
        hidden: whether none of them belongs to the network's last layer or to a table whose rows
            are looked up.
        kernel: whether they are none of those that weight decay is not for: biases, scales, shifts.
        blocks: matrices that lie side by side in them; see ``Parameter.blocks``.
    """

    value: Array
    grad: Array
    state: Mapping[str, Array]
    decay: float = 0.0
    hidden: bool = True
    kernel: bool = True
    blocks: int = 1


class Optimizer(Component):
    """The root of all optimizers.

    A rule is elementwise and is bound to one flat block of weights at a time, so it can be written
    as one loop, and the updater may cut the arena as the caches like it; or it needs parameters as
    they are, and is bound to one at a time.

    A rule makes weight decay its own, by ``Weights.decay``.  What any rule can take (clipping,
    penalties, groups, averages) happens before or behind it.
    """

    family: ClassVar = Registry["Optimizer"]("optimizer")

    whole: ClassVar[bool] = False
    """True where a rule needs parameters as they are, instead of flat blocks."""

    lr: Positive
    """Learning rate; a schedule multiplies it."""

    def decay(self) -> float:
        """The rule's own weight decay, where the spec gives no other."""
        return 0.0

    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays, each as long as the weights, that start at zero."""
        raise NotImplementedError

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Numbers that the rule works in, for a parameter of a shape; see ``Weights``."""
        return 0

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """Work that makes one step on a block.

        Args:
            of: the block.
            pace: read in every step.
            kernels: the inner loops to call.
        """
        raise NotImplementedError


optimizer = Optimizer.family
