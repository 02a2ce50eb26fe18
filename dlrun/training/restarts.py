"""Restarts after divergences, which checkpoints carry to the result of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.nn.state import State


@dataclass(frozen=True, slots=True)
class Restart:
    """A restart after a divergence, as the result of the run keeps it.

    Attributes:
        reason: what diverged, where and at which learning rate, in a sentence.
        epoch: the epoch whose weights were restored; 0: the initial weights.
        lr_factor: factor for every learning rate from there on.
    """

    reason: str
    epoch: int
    lr_factor: float


def as_state(restarts: Sequence[Restart]) -> State:
    """Restarts as arrays, for a checkpoint."""
    reasons = "\n".join(each.reason for each in restarts)
    return {
        "reasons": np.frombuffer(reasons.encode(), np.uint8),
        "epochs": np.asarray([each.epoch for each in restarts]),
        "factors": np.asarray([each.lr_factor for each in restarts], np.float64),
    }


def from_state(state: State) -> tuple[Restart, ...]:
    """The restarts in a state; none if it is empty, as in checkpoints up to version 0.2.

    Raises:
        KeyError, TypeError, ValueError: the state is not of restarts.
    """
    if not state:
        return ()
    reasons = state["reasons"].tobytes().decode().split("\n")
    columns = zip(reasons, state["epochs"].tolist(), state["factors"].tolist(), strict=True)
    return tuple(Restart(reason, int(epoch), float(factor)) for reason, epoch, factor in columns)
