"""The transformer block."""

from __future__ import annotations

from pydantic import PositiveInt

from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.layers.activations import GELU
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import AnyLayer, layer
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.spec.fields import Fraction

_WIDER = 4
"""Units of the inner layer per feature, as in Vaswani et al. 2017."""


@layer("transformer_block")
class TransformerBlock(AnyLayer):
    """Self-attention, then two dense layers, both with residual connections.

    x + attention(norm(x)), and then x + dense(activation(dense(norm(x)))).  Vaswani et al.,
    "Attention is all you need", NeurIPS 2017, with the norms first as in Xiong et al., "On layer
    normalization in the transformer architecture", ICML 2020.  The block does not normalize its
    output then: add a ``layer_norm`` after the last block.

    Shape: (batch, time, features), unchanged.
    """

    heads: PositiveInt
    """Number of attention heads."""
    hidden: PositiveInt | None = None
    """Units of the inner dense layer; null is 4 times the features."""
    dropout: Fraction = 0.0
    """Dropout rate of attention weights, after the activation, and at the end of both branches."""
    causal: bool = False
    """Each step attends only to itself and to earlier steps."""
    pre_norm: bool = True
    """Normalize before each branch; otherwise after each sum, as in the original paper."""
    norm: AnyLayer = LayerNorm()
    """The normalization layer."""
    activation: AnyLayer = GELU()
    """The activation between the dense layers."""
    initializer: Initializer | None = None
    """Initial weights of all kernels; by default those of the spec's `initializer`."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layers of both branches; the attention checks the shape of x."""
        features = x.shape[-1] if x.shape else 1
        attention = MultiHeadAttention(
            heads=self.heads,
            causal=self.causal,
            dropout=self.dropout,
            initializer=self.initializer,
        )
        inner = Dense(units=self.hidden or _WIDER * features, initializer=self.initializer)
        outer = Dense(units=features, initializer=self.initializer)
        drop = [Dropout(rate=self.dropout)] if self.dropout else []
        for own in (attention, inner, outer, *drop):
            own._origin = self.origin
        x = self._branch([attention, *drop], graph, x)
        return self._branch([inner, self.activation, *drop, outer, *drop], graph, x)

    def _branch(self, layers: list[AnyLayer], graph: GraphBuilder, x: Value) -> Value:
        """A residual connection and its norm."""
        branch = Residual(layers=(*([self.norm] if self.pre_norm else []), *layers))
        branch._origin = self.origin
        x = branch.add_to(graph, x)
        return x if self.pre_norm else self.norm.add_to(graph, x)
