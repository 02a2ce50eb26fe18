"""How right the prediction of a session of a study was."""

from __future__ import annotations

import time

from dlrun.study.events import Comparison
from dlrun.study.forecast import first_suggestions, predict
from dlrun.study.gate import Gate
from dlrun.study.ledger import Ledger


class Outlook:
    """Measures some runs before a session, and compares the prediction with the session.

    Args:
        ledger: of the study.
        workers: number of processes.
        threads: of each.

    Raises:
        MachineError: a worker cannot start.
    """

    def __init__(self, ledger: Ledger, workers: int, threads: int) -> None:
        self._ledger = ledger
        plan = ledger.plan
        suggestions = first_suggestions(plan, ledger.state.prior_trials).trained
        self._prediction = predict(plan, suggestions, workers, threads)
        self._runs, self._epochs = self._so_far()
        self._trials = ledger.state.drawn
        self._began = self._last = time.monotonic()

    def run_ended(self) -> None:
        """Note the time at which a run has ended."""
        self._last = time.monotonic()

    def comparison(self) -> Comparison | None:
        """The comparison; None if no run has ended."""
        runs, epochs = self._so_far()
        if runs == self._runs:
            return None
        trials = (self._trials, self._ledger.state.drawn)
        predicted = self._prediction.of_runs(runs - self._runs, epochs - self._epochs, trials)
        return Comparison(predicted, self._last - self._began)

    def _so_far(self) -> tuple[int, int]:
        """Numbers of runs that have ended and of epochs that they trained."""
        return len(self._ledger.state.outcomes), Gate(self._ledger).used()
