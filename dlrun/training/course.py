"""Where a training stands: epochs, steps, and the scores of the epoch under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.state import State, joined, under

if TYPE_CHECKING:
    from dlrun.training.scores import Scores


class Course:
    """How far a training has come, in this process and in those before it.

    Attributes:
        epochs: that have ended.
        steps: that were made in the epoch under way.
    """

    def __init__(self) -> None:
        self.epochs = self.steps = 0
        self._scores: Scores | None = None
        self._left: State = {}
        self._before, self._since = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """For which there was training."""
        return self._before + time.perf_counter() - self._since

    def start(self, before: float = 0.0) -> None:
        """Count seconds from now on.

        Args:
            before: seconds of the processes before this one.
        """
        self._before, self._since = before, time.perf_counter()

    def follow(self, scores: Scores) -> None:
        """Take the scores of the epoch under way along, from where they were left."""
        self._scores = scores
        if self._left:
            scores.restore(self._left)

    def end_epoch(self) -> None:
        """An epoch has ended."""
        assert self._scores is not None
        self._scores.restart()
        self.epochs, self.steps = self.epochs + 1, 0

    def state(self) -> State:
        """Epochs and steps and, within an epoch, its scores so far."""
        state: dict[str, Array] = {
            "epochs": np.asarray(self.epochs),
            "steps": np.asarray(self.steps),
        }
        if self.steps and self._scores is not None:
            state |= joined({"scores": self._scores.state()})
        return state

    def restore(self, state: State) -> None:
        """Go on from there."""
        self.epochs, self.steps = state["epochs"].item(), state["steps"].item()
        self._left = under(state, "scores")
