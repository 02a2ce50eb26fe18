"""Progress of a training: epochs, steps, and the scores of the current epoch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.state import State, joined, under

if TYPE_CHECKING:
    from dlrun.inference.epoch_scores import Scores


class Progress:
    """How far a training has come, in this process and in earlier ones.

    Attributes:
        epochs: number of epochs that have ended.
        steps: number of steps in the current epoch.
    """

    def __init__(self) -> None:
        self.epochs = self.steps = 0
        self._scores: Scores | None = None
        self._left: State = {}
        self._before, self._since = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds of training so far, in all processes."""
        return self._before + time.perf_counter() - self._since

    def start(self, before: float = 0.0) -> None:
        """Count seconds from now on.

        Args:
            before: seconds of training in earlier processes.
        """
        self._before, self._since = before, time.perf_counter()

    def follow(self, scores: Scores) -> None:
        """Include the scores of the current epoch, starting from the restored ones."""
        self._scores = scores
        if self._left:
            scores.restore(self._left)

    def end_epoch(self) -> None:
        """Count an epoch that has ended."""
        assert self._scores is not None
        self._scores.restart()
        self.epochs, self.steps = self.epochs + 1, 0

    def state(self) -> State:
        """Epochs, steps and, within an epoch, its scores so far."""
        state: dict[str, Array] = {
            "epochs": np.asarray(self.epochs),
            "steps": np.asarray(self.steps),
        }
        if self.steps and self._scores is not None:
            state |= joined({"scores": self._scores.state()})
        return state

    def restore(self, state: State) -> None:
        """Continue from a state."""
        self.epochs, self.steps = state["epochs"].item(), state["steps"].item()
        self._left = under(state, "scores")
