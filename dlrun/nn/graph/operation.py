"""What a node of a graph computes: a stateless description, and a method that binds it to arrays.

An operation never allocates and never adds into a gradient.  It first declares what it needs
(output shape, parameters, ``scratch``, ``keeps``).  The planner then places all of these arrays in
one piece of memory, and ``bind`` returns functions without arguments that a step calls.

Shapes are those of one sample; arrays in ``bind`` have the batch as their first axis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.bound import Bound, Context, Meeting
from dlrun.nn.graph.declarations import Buffer, Parameter
from dlrun.nn.steps import Steps
from dlrun.nn.tensor import Arrays, Tensor, Tensors
from dlrun.spec.component import Component


class Operation(Component):
    """The base of ``Transform`` (one input) and ``Merge`` (several inputs)."""

    keeps: ClassVar[str] = ""
    """What backward reads again: "" (nothing), "x" (the input), "y" (the output) or "xy"."""

    batchwide: ClassVar[bool] = False
    """True if the operation divides its work itself, with ``context.each``.

    Other operations are bound once for each chunk of the batch, each with separate gradients of
    the parameters, which the planner adds up in the order of the chunks.
    """

    reshapes: ClassVar[bool] = False
    """True if the output is the input's memory in another shape; nothing is bound then."""

    marks: ClassVar[bool] = False
    """True if the output is a mask: ones and zeros, without a gradient."""

    @property
    def meets(self) -> bool:
        """Whether samples depend on one another in training, as in batch normalization.

        Such an operation is bound once for each chunk, like others, and once for all chunks, with
        ``Transform.meet``, which also writes the gradients of its parameters for the whole batch.
        """
        return False

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Work arrays, by name, for a plan that trains."""
        return {}

    def held(self) -> Operation:
        """The operation if a spec freezes its running statistics: it only reads them."""
        return self

    def alone(self) -> Operation:
        """The operation with running statistics that are those of the last batch alone."""
        return self

    def single(self, x: Shape) -> Operation:
        """The operation for training on one sample of shape x, which may be too few for it."""
        return self

    def bounds(self) -> tuple[float, float] | None:
        """The range that contains every output; None if it is the range of the input."""
        return None if self.needed_gain() is None else (-math.inf, math.inf)

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """One operation that does the work of this one and the following one, if there is one.

        It has the parameters of both.  The planner replaces both by it if no other node reads the
        value between them.

        Args:
            following: the operation after this one.
            between: shape of a sample of the value between them.
            training: whether it is for a plan that trains.
        """
        return None

    def needed_gain(self) -> float | None:
        """Factor that weights before the operation need so that the signal keeps its mean square.

        None means that of the next operation, because this one hardly changes the signal.
        """
        return None if self.reshapes else 1.0

    def multiply_adds(self, x: Shape) -> int:
        """Multiply-adds of forward for one sample; elementwise work counts as 0."""
        return 0


class Transform(Operation):
    """An operation with one input and one output."""

    along: ClassVar[Literal["none", "last", "all"]] = "all"
    """Which elements of a sample it mixes: none, those along the last axis, or others, too."""

    padding_advice: ClassVar[str] = (
        "end the time axis before it, with mean_over_time, last_step or flatten"
    )
    """Advice in the error message if it would mix padding with valid steps."""

    def output_shape(self, x: Shape) -> Shape:
        """Shape of a sample of the output.

        Raises:
            ShapeError: the operation cannot use an input of this shape.
        """
        return x

    def steps(self, x: Shape, axis: int) -> Steps:
        """What happens to the time axis if the input has a mask.

        By default it stays if, according to ``along``, no step is mixed with another.

        Args:
            x: shape of a sample of the input.
            axis: its time axis.

        Raises:
            ShapeError: the operation would mix padding with valid steps.
        """
        if self.along == "none" or (self.along == "last" and axis < len(x) - 1):
            return Steps(axis)
        raise ShapeError(f"{self.kind} would mix padding with valid steps; {self.padding_advice}")

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Arrays that belong to the operation, by name."""
        return {}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays: input, output, parameters, scratch."""
        raise NotImplementedError

    def meet(
        self,
        x: Shape,
        parameters: Tensors,
        scratch: Arrays,
        samples: Sequence[int],
        context: Context,
    ) -> Meeting:
        """Close over what was gathered from the chunks.

        Args:
            x: shape of a sample of the input.
            parameters: parameters.
            scratch: scratch with the chunks as first axis, except for shared buffers.
            samples: number of samples in each chunk.
            context: that of the whole batch.
        """
        raise NotImplementedError


class Merge(Operation):
    """An operation with several inputs and one output."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """Shape of a sample of the output.

        Raises:
            ShapeError: the shapes of the inputs do not fit together.
        """
        raise NotImplementedError

    def joined_axis(self, x: Shape) -> int | None:
        """The axis along which inputs of such a shape are concatenated; None if they are not."""
        return None

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the inputs and the output."""
        raise NotImplementedError
