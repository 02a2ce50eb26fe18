"""AdamW: Adam with weight decay that the division does not touch."""

from __future__ import annotations

from dlrun.nn.optimizer import optimizer
from dlrun.nn.optimizers.adam import Adam
from dlrun.spec.fields import NonNegative


@optimizer("adamw")
class AdamW(Adam):
    """Adam, and w -= lr weight_decay w; biases and norms do not decay.

    Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    weight_decay: NonNegative = 0.01
    """The share of a weight that a step of rate 1 would take away."""

    def decay(self) -> float:
        """The weight decay."""
        return self.weight_decay
