"""The inner loops, one file a family. Layers call these modules and nothing below them."""

from dlrun.nn.kernels.reference import activation, conv, dropout, loss, norm, pool, update

__all__ = ["activation", "conv", "dropout", "loss", "norm", "pool", "update"]
