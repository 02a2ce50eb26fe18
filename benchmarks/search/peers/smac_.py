"""SMAC3: random forests and log expected improvement, its facade for hyperparameters."""

from __future__ import annotations

import tempfile
import warnings
from typing import Any

from benchmarks.search.peers.base import Peer, Worst, listed
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Smac:
    """Conditions and failures are its own; no setting is tried twice ("deterministic")."""

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from smac import HyperparameterOptimizationFacade, Scenario

            self._folder = tempfile.TemporaryDirectory()
            scenario = Scenario(
                _space(space, seed),
                deterministic=True,
                n_trials=trials,
                seed=seed,
                output_directory=self._folder.name,
            )
            self._smac = HyperparameterOptimizationFacade(
                scenario, _never_called, overwrite=True, logging_level=False
            )
        self._space, self._told, self._info = space, Worst(), None

    def ask(self) -> Suggestion:
        """The next configuration."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._info = info = self._smac.ask()
        found = dict(info.config)
        return {
            key: listed(each.values, found[key]) if isinstance(each, Choice) else _plain(found[key])
            for key, each in self._space.dimensions.items()
            if key in found
        }

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value, or that the trial crashed, which must have a finite cost."""
        from smac.runhistory import StatusType, TrialValue

        status = StatusType.CRASHED if value is None else StatusType.SUCCESS
        self._smac.tell(self._info, TrialValue(cost=self._told(value), status=status))


def _never_called(config: Any, seed: int = 0) -> float:
    """SMAC wants to know what it could call itself."""
    raise NotImplementedError


def _space(space: Space, seed: int) -> Any:
    from ConfigSpace import AndConjunction, ConfigurationSpace, InCondition

    made = ConfigurationSpace(seed=seed)
    for key, each in space.dimensions.items():
        made.add(_parameter(key, each))
    for key in space.keys:
        conditions = [
            InCondition(made[key], made[other], list(wanted))
            for other, wanted in space.conditions(key).items()
        ]
        if conditions:
            made.add(conditions[0] if len(conditions) == 1 else AndConjunction(*conditions))
    return made


def _parameter(key: str, each: Dimension) -> Any:
    from ConfigSpace import Categorical, Float
    from ConfigSpace import Integer as Whole

    match each:
        case Choice():
            values = sorted(each.values) if each.ordered else list(each.values)
            return Categorical(key, values, ordered=each.ordered)
        case Integer():
            return Whole(key, each.ends, log=each.log)
        case LogUniform():
            return Float(key, each.ends, log=True)
    return Float(key, each.ends)  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


PEERS = (Peer("smac", "smac", _Smac, budgeted=True),)
