"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.base import optimizer
from dlrun.spec.fields import NonNegative


@optimizer("adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay.

    Adam's step, and w -= lr weight_decay w; biases and the scales and shifts of norms do not decay.
    Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    weight_decay: NonNegative = 0.01
    """Fraction of each weight that a step removes, times the learning rate."""

    def decay(self) -> float:
        """The weight decay."""
        return self.weight_decay
