"""What a loss is: the number that training makes small, and its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

Task = Literal["classification", "regression"]


class Loss(Component):
    """The root of all losses; each is a mean over the batch."""

    family: ClassVar = Registry["Loss"]("loss")

    task: ClassVar[Task]
    """What it is for."""
    takes_shares: ClassVar[bool] = False
    """Whether targets of a classification may be shares of all classes, (batch, ..., classes) in
    the network's type, in the place of codes."""

    def check(self, output: Shape, target: Shape, classes: int | None) -> None:
        """Check that the network's output fits the target.

        Args:
            output: shape of a sample of the network's output.
            target: shape of a sample's target; () for a class.
            classes: how many there are; None in regression.

        Raises:
            ShapeError: it does not; the message says what would.
        """
        raise NotImplementedError

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """A function that gives the loss and, where ``x.grad`` is there, writes it."""
        raise NotImplementedError

    def predictions(self, outputs: Array) -> Array:
        """What the network says, from its raw outputs: probabilities, or the numbers themselves."""
        return outputs


loss = Loss.family
