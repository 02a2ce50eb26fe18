"""The block that transformers are made of."""

from __future__ import annotations

from pydantic import PositiveInt

from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.initializer import Initializer
from dlrun.nn.layer import Layer, layer
from dlrun.nn.layers.activations import GELU
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.spec.fields import Fraction

_WIDER = 4
"""How much wider than the features the inner layer is, as in Vaswani et al. 2017."""


@layer("transformer_block")
class TransformerBlock(Layer):
    """Self-attention, then two dense layers at every step, each beside a residual connection.

    x + attention(norm(x)), and then x + dense(activation(dense(norm(x)))).  Vaswani et al.,
    "Attention is all you need", NeurIPS 2017, with the norms in front as in Xiong et al., "On layer
    normalization in the transformer architecture", ICML 2020.  Then the sum of all branches is
    normalized nowhere: put ``layer_norm`` behind the last block.

    Shape: (batch, time, features), unchanged.
    """

    heads: PositiveInt
    """Heads of the attention."""
    hidden: PositiveInt | None = None
    """Units of the inner dense layer; 4 times the features where none are given."""
    dropout: Fraction = 0.0
    """Of attention weights, behind the activation, and at the end of both branches."""
    causal: bool = False
    """Look at the step itself and at those before it only."""
    pre_norm: bool = True
    """The norm stands in front of each branch; otherwise behind each sum, as in the first paper."""
    norm: Layer = LayerNorm()
    """The normalization."""
    activation: Layer = GELU()
    """Between the dense layers."""
    initializer: Initializer | None = None
    """First values of all kernels; the spec's default where none is named."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layers of both branches; the attention says what is wrong with x."""
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

    def _branch(self, layers: list[Layer], graph: GraphBuilder, x: Value) -> Value:
        """A residual connection and its norm."""
        branch = Residual(layers=(*([self.norm] if self.pre_norm else []), *layers))
        branch._origin = self.origin
        x = branch.add_to(graph, x)
        return x if self.pre_norm else self.norm.add_to(graph, x)
