"""Optuna: the tree-structured Parzen estimator, which is its default, and its Gaussian process."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.search.peers.base import Peer
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Optuna:
    """A study with one of its samplers; conditions and failures are as its users write them."""

    def __init__(self, sampler: str, space: Space, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the process is experimental
            chosen = getattr(optuna.samplers, sampler)(seed=seed)
        self._study, self._space = optuna.create_study(sampler=chosen), space
        self._failed = optuna.trial.TrialState.FAIL
        self._trial: Any = None

    def ask(self) -> Suggestion:
        """The values of a trial, drawn key by key."""
        self._trial = trial = self._study.ask()
        suggestion: Suggestion = {}
        for key, each in self._space.dimensions.items():
            if not self._space.counts(key, suggestion):
                continue
            match each:
                case Uniform():
                    suggestion[key] = trial.suggest_float(key, *each.ends)
                case LogUniform():
                    suggestion[key] = trial.suggest_float(key, *each.ends, log=True)
                case Integer():
                    suggestion[key] = trial.suggest_int(key, *each.ends, log=each.log)
                case Choice():
                    suggestion[key] = trial.suggest_categorical(key, each.values)
        return suggestion

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value, or that the trial failed."""
        self._study.tell(self._trial, value, state=self._failed if value is None else None)


PEERS = (
    Peer("optuna-tpe", "optuna", lambda space, seed, _: _Optuna("TPESampler", space, seed)),
    Peer("optuna-gp", "optuna", lambda space, seed, _: _Optuna("GPSampler", space, seed)),
)
