"""Arrays that an operation declares before any of them exists."""

from __future__ import annotations

from dataclasses import dataclass

from dlrun.arrays import Shape
from dlrun.nn.initializers.base import Initializer


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared array that belongs to a layer.

    Attributes:
        shape: its shape.
        initializer: sets its initial values; None is the spec's default initializer.
        fan_in: inputs that contribute to one output, for initializers that scale by it.
        fan_out: outputs that one input contributes to.
        trainable: False for running statistics, which the layer itself updates.
        decay: whether decoupled weight decay applies; False for biases and norms.
        lr_factor: the factor of its parameter group on the learning rate.
        weight_decay: the weight decay of its parameter group; None is the optimizer's, if
            ``decay``.
        frozen: whether a parameter group freezes it; otherwise it would be trainable.
        blocks: number of matrices side by side along its last axis, such as those of gates.
        table: whether its rows are looked up, as in an embedding.
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
        shape: the shape for one sample, or the whole shape if ``per_sample`` is False.
        dtype: None is the dtype of the network.
        per_sample: prepend the batch axis; otherwise each chunk gets its own array.
        shared: all chunks use the same array.
        kept: backward reads what forward wrote; otherwise the content is lost between calls.
    """

    shape: Shape
    dtype: str | None = None
    per_sample: bool = True
    shared: bool = False
    kept: bool = False
