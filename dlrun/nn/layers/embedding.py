"""Embedding: a vector for every token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
from pydantic import NonNegativeInt, PositiveInt, model_validator

from dlrun.arrays import Shape
from dlrun.errors import DataError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.nn.layers.masking import Masking
from dlrun.nn.parallel.partition import cut

_PIECE = 64 * 1024
"""Elements that are worth handing to another thread."""

_MOST_PIECES = 4
"""Each piece reads all tokens, so more would not save time."""


@layer("embedding")
class Embedding(Layer):
    """Replaces every token by its row of a learned table.

    Tokens are the integers from 0 to ``tokens`` - 1; any other value stops the run with an error.
    They are read in the network's floating-point type, which represents integers up to 2^24
    exactly.  Bengio et al., "A neural probabilistic language model", JMLR 3, 2003.

    Shape: (batch, ...) -> (batch, ..., units).
    """

    # Each row of the table belongs to one piece of work, which adds up its gradient in the order
    # of the tokens; chunks of the batch would each need a table of gradients.
    batchwide: ClassVar = True
    along: ClassVar = "none"

    units: PositiveInt
    """Length of the vectors."""
    tokens: PositiveInt
    """Number of tokens."""
    padding: NonNegativeInt | None = None
    """The padding token: its vector stays 0, and the next layers ignore its steps, as after
    ``masking``."""
    initializer: Initializer | None = None
    """Initial values of the table; by default normal with standard deviation 1."""

    @model_validator(mode="after")
    def _padding_is_a_token(self) -> Embedding:
        if self.padding is not None and self.padding >= self.tokens:
            raise ValueError(f"padding {self.padding} must be less than tokens, {self.tokens}")
        return self

    def output_shape(self, x: Shape) -> Shape:
        """A vector for each token."""
        return (*x, self.units)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Table (tokens, units)."""
        first = self.initializer or Normal(std=1.0)
        shape = (self.tokens, self.units)
        return {"table": Parameter(shape, first, fan_in=shape[0], fan_out=shape[1], table=True)}

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """The tokens as integers."""
        return {"rows": Buffer(x, "int32", kept=True)}

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer, and a mask if there is a padding token."""
        if self.padding is not None and x.shape:
            masking = Masking(value=float(self.padding))
            masking._origin = self.origin
            alone = x.mask is None
            y = graph.add(self, (masking.add_to(graph, x),))
            return replace(y, blank=alone and len(x.shape) == 1)
        return graph.add(self, (x,))

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        k, table, count = context.kernels.embedding, parameters["table"], self.tokens
        padding = -1 if self.padding is None else self.padding
        given, rows = x.value.reshape(-1), scratch["rows"].reshape(-1)
        y_rows = y.value.reshape(-1, self.units)
        size = float(y_rows.size)
        look_up = context.each(
            [
                partial(k.embed, rows[i], table.value, padding, y_rows[i])
                for i in cut(len(rows), size, _PIECE, _MOST_PIECES)
            ]
        )

        def forward() -> None:
            np.copyto(rows, given, casting="unsafe")
            wrong = (rows != given) | (rows < 0) | (rows >= count)
            if wrong.any():
                raise DataError(
                    f"{self.origin}: embedding got {given[wrong][0]:g}; "
                    f"its {count} tokens are the integers 0 to {count - 1}"
                )
            look_up()

        if y.grad is None or table.grad is None:
            return Bound(forward)
        dy, dtable, dx = y.grad.reshape(y_rows.shape), table.grad, x.grad
        add_up = context.each(
            [
                partial(k.embed_backward, rows, dy, padding, i.start, dtable[i])
                for i in cut(count, size, _PIECE, _MOST_PIECES)
            ]
        )

        def backward() -> None:
            add_up()
            if dx is not None:
                dx.fill(0)  # the output is constant between two tokens

        return Bound(forward, backward)
