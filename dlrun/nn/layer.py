"""What a layer is: a stateless description, and ``bind``, which closes over arrays.

A layer never allocates and never adds into a gradient.  It says first what it needs
(``output_shape``, ``parameters``, ``scratch``, ``keeps``), the planner lays all of it out in one
piece of memory, and ``bind`` returns two functions of no arguments that a step calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.kernels import Kernels, numpy_kernels
from dlrun.nn.steps import Steps
from dlrun.nn.threads import Work, chain
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

if TYPE_CHECKING:
    from dlrun.nn.graph import GraphBuilder, Value


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value and the gradient of the loss with respect to it, of one shape.

    Frozen, so that ``y.value += ...`` raises: results are written with ``out=``.  ``grad`` is None
    where nobody needs it: in evaluation, and below the first layer that learns.
    """

    value: Array
    grad: Array | None = None


Tensors = Mapping[str, Tensor]
"""Parameters of a layer, by name."""

Arrays = Mapping[str, Array]
"""Work arrays of a layer, by name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared array that belongs to a layer.

    Attributes:
        shape: its shape.
        initializer: what fills it; None is the spec's default initializer.
        fan_in: inputs that reach one output, for initializers that scale by it.
        fan_out: outputs that one input reaches.
        trainable: False for running statistics, which the layer itself updates.
        decay: whether decoupled weight decay applies; biases and norms are left out.
        lr_factor: what a group of the spec multiplies the learning rate by.
        weight_decay: what a group of the spec gives it; None is the optimizer's, where ``decay``.
        frozen: a group of the spec holds it; otherwise it would be trainable.
        blocks: matrices side by side along its last axis, as those of gates or groups.
        table: whether its rows are looked up.
    """

    shape: Shape
    initializer: Initializer | None = None
    fan_in: float = 1
    fan_out: float = 1
    trainable: bool = True
    decay: bool = True
    lr_factor: float = 1.0
    weight_decay: float | None = None
    frozen: bool = False
    blocks: int = 1
    table: bool = False


@dataclass(frozen=True, slots=True)
class Buffer:
    """A declared work array.

    Attributes:
        shape: the shape for one sample, or the whole shape where ``per_sample`` is False.
        dtype: None is the dtype of the network.
        per_sample: prepend the batch axis; otherwise each chunk gets its own.
        shared: all chunks have the same one.
        kept: backward reads what forward wrote; otherwise the content is lost between calls.
    """

    shape: Shape
    dtype: str | None = None
    per_sample: bool = True
    shared: bool = False
    kept: bool = False


class Bound(NamedTuple):
    """A layer that has its arrays: what a step calls.

    ``backward`` reads the output's gradient and *writes* (never adds to) the gradients of the
    input, if there is one, and of every trainable parameter.  None in evaluation.

    Attributes:
        forward: writes the output.
        backward: see above.
        gather: of a layer whose samples meet, what forward needs from every chunk of the batch
            before it may run on any.
        gather_back: the same for backward.
    """

    forward: Work
    backward: Work | None = None
    gather: Work | None = None
    gather_back: Work | None = None


class Meeting(NamedTuple):
    """What is made, once a step, of that which was gathered from every chunk."""

    forward: Work
    backward: Work


@dataclass(slots=True)
class Clock:
    """Where training stands; layers that draw random numbers read it in each step."""

    seed: int = 0
    epoch: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What ``bind`` may know beyond its arrays.

    Attributes:
        training: whether this plan trains; decided once, when binding.
        node: the layer's number in the graph, which tells two dropouts apart.
        batch: samples in the whole batch.
        first_row: the row of the batch at which the layer's part of it starts.
        clock: where training stands.
        kernels: the inner loops to call.
        mask: (batch, time), 1 at steps of the input that are valid and 0 at padding; None where
            all are valid.
        each: makes one piece of work of several that may run at the same time.
    """

    training: bool = False
    node: int = 0
    batch: int = 1
    first_row: int = 0
    clock: Clock = field(default_factory=Clock)
    kernels: Kernels = field(default_factory=numpy_kernels)
    mask: Array | None = None
    each: Callable[[Sequence[Work]], Work] = chain


class Layer(Component):
    """The root of all layers of one input and one output.

    Shapes here are those of one sample; arrays in ``bind`` have the batch as first axis.
    """

    family: ClassVar = Registry["Layer"]("layer")

    keeps: ClassVar[str] = ""
    """What backward reads again: "" (nothing), "x" (the input), "y" (the output) or "xy"."""

    batchwide: ClassVar[bool] = False
    """True where the layer cuts its work itself, with ``context.each``.

    Other layers are bound once for each chunk of the batch, with gradients of their parameters of
    their own, and the planner adds these up in the order of the chunks.
    """

    example_shapes: ClassVar[tuple[Shape, ...]] = ()
    """Shapes of samples for which the layer takes other kernels than for a small one."""

    reshapes: ClassVar[bool] = False
    """True where the output is the input's memory in another shape; nothing is bound then."""

    along: ClassVar[Literal["none", "last", "all"]] = "all"
    """Which numbers of a sample it mixes: none, those along the last axis, or others, too."""

    padding_advice: ClassVar[str] = (
        "end the time axis before it, with mean_over_time, last_step or flatten"
    )
    """What to do where it would mix padding with valid steps."""

    marks: ClassVar[bool] = False
    """True where the output is a mask: ones and zeros, through which no gradient goes."""

    @property
    def meets(self) -> bool:
        """Whether, in training, samples depend on one another, as in batch normalization.

        Such a layer is bound once for each chunk, like others, and once for all, with ``meet``.
        The gradients of its parameters are those of the whole batch, and ``meet`` writes them.
        """
        return False

    def output_shape(self, x: Shape) -> Shape:
        """Shape of a sample behind the layer.

        Raises:
            ShapeError: the layer cannot take such an input.
        """
        return x

    def steps(self, x: Shape, axis: int) -> Steps:
        """What becomes of the time axis, where the input has a mask.

        By default it stays where ``along`` says that no step is mixed with another.

        Args:
            x: shape of a sample of the input.
            axis: the time axis in it.

        Raises:
            ShapeError: the layer would mix padding with valid steps.
        """
        if self.along == "none" or (self.along == "last" and axis < len(x) - 1):
            return Steps(axis)
        raise ShapeError(f"{self.kind} would mix padding with valid steps; {self.padding_advice}")

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Arrays that belong to the layer, by name."""
        return {}

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Work arrays, by name, for a plan that trains."""
        return {}

    def held(self) -> Layer:
        """The layer for a spec that freezes its running statistics: it reads them, and no more."""
        return self

    def alone(self) -> Layer:
        """The layer with running statistics that are those of the last batch alone."""
        return self

    def single(self, x: Shape) -> Layer:
        """The layer for training on one sample of shape x, which may be too few for it."""
        return self

    def bounds(self) -> tuple[float, float] | None:
        """Between which numbers every output lies; None where those of the input hold."""
        return None if self.needed_gain() is None else (-math.inf, math.inf)

    def absorb(self, following: Layer, between: Shape, training: bool) -> Layer | None:
        """A layer that does this one's work and the following one's in one go, if there is any.

        It has the parameters of both; the planner puts it in the place of both where nobody else
        reads the value between them.

        Args:
            following: the layer behind this one.
            between: shape of a sample of the value between them.
            training: whether it is for a plan that trains.
        """
        return None

    def needed_gain(self) -> float | None:
        """Factor that weights in front of the layer need so that the signal keeps its mean square.

        None asks the layer behind this one, where this one leaves the signal about as it is.
        """
        return None if self.reshapes else 1.0

    def multiply_adds(self, x: Shape) -> int:
        """Multiplications with additions that forward does for a sample; elementwise work is 0."""
        return 0

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays: input, output, parameters, scratch."""
        raise NotImplementedError

    def meet(
        self, x: Shape, p: Tensors, s: Arrays, samples: Sequence[int], context: Context
    ) -> Meeting:
        """Close over what is gathered.

        Args:
            x: shape of a sample of the input.
            p: parameters.
            s: scratch with the chunks as first axis, but for what is shared.
            samples: in each chunk.
            context: that of the whole batch.
        """
        raise NotImplementedError

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer to a graph; combinators append what they hold instead."""
        return graph.add(self, (x,))


layer = Layer.family


class Merge(Layer):
    """The root of layers of several inputs; ``bind_merge`` takes a tuple of them."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """Shape of a sample behind the layer.

        Raises:
            ShapeError: the inputs do not fit one another.
        """
        raise NotImplementedError

    def joined_axis(self, x: Shape) -> int | None:
        """The axis along which it puts values of such a shape one after another, if it does."""
        return None

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the inputs and the output."""
        raise NotImplementedError


def need_image(kind: str, x: Shape) -> None:
    """Raise a ShapeError where a sample, for the layer called ``kind``, is no image."""
    if len(x) != 3:
        raise ShapeError(f"{kind} needs (height, width, channels), got {x}")
