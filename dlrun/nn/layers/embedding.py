"""A vector for every token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
from pydantic import NonNegativeInt, PositiveInt, model_validator

from dlrun.arrays import Shape
from dlrun.errors import DataError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.layers.masking import Masking
from dlrun.nn.pieces import cut

_PIECE = 64 * 1024
"""Numbers that are worth handing to another thread."""

_MOST_PIECES = 4
"""Each of them reads all tokens."""


@layer("embedding")
class Embedding(Layer):
    """Every token, a whole number from 0 up to ``tokens``, becomes its row of a learned table.

    Bengio et al., "A neural probabilistic language model", JMLR 3, 2003.  Tokens arrive as numbers
    of the network's type, which hold whole numbers up to 2^24 exactly; a number that is no token
    stops the training with an error.

    Shape: (batch, ...) -> (batch, ..., units).
    """

    # Each row of the table belongs to one piece of work, which adds up its gradient in the order
    # of the tokens; chunks of the batch would need a table of gradients each.
    batchwide: ClassVar = True
    along: ClassVar = "none"

    units: PositiveInt
    """Length of a token's vector."""
    tokens: PositiveInt
    """How many tokens there are."""
    padding: NonNegativeInt | None = None
    """The token that fills sequences up: its vector is 0 and learns nothing, and layers behind
    leave its steps out, as behind ``masking``."""
    initializer: Initializer | None = None
    """First values of the table; normal with standard deviation 1 where none is named."""

    @model_validator(mode="after")
    def _padding_is_a_token(self) -> Embedding:
        if self.padding is not None and self.padding >= self.tokens:
            raise ValueError(f"padding {self.padding} is no token: there are {self.tokens}")
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
        """The tokens as whole numbers."""
        return {"rows": Buffer(x, "int32", kept=True)}

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; the padding makes a mask."""
        if self.padding is not None and x.shape:
            masking = Masking(value=float(self.padding))
            masking._origin = self.origin
            alone = x.mask is None
            y = graph.add(self, (masking.add_to(graph, x),))
            return replace(y, blank=alone and len(x.shape) == 1)
        return graph.add(self, (x,))

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        k, table, count = context.kernels.embedding, p["table"], self.tokens
        padding = -1 if self.padding is None else self.padding
        given, rows = x.value.reshape(-1), s["rows"].reshape(-1)
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
                    f"its {count} tokens are the whole numbers 0 to {count - 1}"
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
                dx.fill(0)  # the output jumps from token to token and is flat in between

        return Bound(forward, backward)
