"""The way back of a run that has diverged."""

from __future__ import annotations

from collections.abc import Generator
from copy import copy
from dataclasses import dataclass, fields

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.network import Network
from dlrun.nn.schedule import Plateau
from dlrun.training.descent import Descent
from dlrun.training.early_stopping import Monitor
from dlrun.training.events import EpochEnded, Event, Restarted
from dlrun.training.loop import Outcome
from dlrun.training.on_divergence import OnDivergence


@dataclass(frozen=True)
class _State:
    """All that training behind an epoch depends on, copied."""

    epoch: int
    step: int
    arrays: tuple[Array, ...]
    begun: bool
    plateau: Plateau | None
    monitor: Monitor


class Recovery:
    """The way back of a run, as its spec wants it.

    Args:
        rules: of the spec; None ends a run that diverges.
        network: changed in place, and so are the others.
        descent: what changes it.
        monitor: knows the best epoch.
        best: its parameters.
    """

    def __init__(
        self,
        rules: OnDivergence | None,
        network: Network,
        descent: Descent,
        monitor: Monitor,
        best: Array,
    ) -> None:
        self._rules, self._descent, self._monitor, self._best = rules, descent, monitor, best
        self._arrays = [network.parameters.values, *descent.updater.state.values()]
        if descent.averaged is not None:
            self._arrays.append(descent.averaged.values)
        self._attempts = 0
        self._kept = None if rules is None else self._state(0)

    def watched(self, events: Generator[Event, None, Outcome]) -> Generator[Event, None, Outcome]:
        """The same events; what may be gone back to is kept."""
        try:
            while True:
                event = next(events)
                if isinstance(event, EpochEnded) and event.improved and self._follows_the_best:
                    self._kept = self._state(event.epoch)
                yield event
        except StopIteration as done:
            outcome: Outcome = done.value
            return outcome
        finally:
            events.close()

    def go_back(self, outcome: Outcome) -> Restarted | None:
        """Restore what was kept; None where training is to end as it has."""
        rules, kept = self._rules, self._kept
        if rules is None or kept is None or outcome.status != "diverged":
            return None
        if self._attempts == rules.attempts:
            return None
        self._attempts += 1
        for array, copied in zip(self._arrays, kept.arrays, strict=True):
            np.copyto(array, copied)
        if kept.epoch == 0:
            np.copyto(self._best, kept.arrays[0])
        descent = self._descent
        descent.updater.pace.step = kept.step
        descent.slowdown *= rules.lr_factor
        if descent.averaged is not None:
            descent.averaged.begun = kept.begun
        for live, old in ((self._monitor, kept.monitor), (descent.plateau, kept.plateau)):
            for field in fields(live) if live is not None else ():
                setattr(live, field.name, getattr(old, field.name))
        descent.forget()
        return Restarted(
            outcome.reason, kept.epoch, descent.slowdown, self._attempts, rules.attempts
        )

    @property
    def _follows_the_best(self) -> bool:
        return self._rules is not None and self._rules.restore == "best"

    def _state(self, epoch: int) -> _State:
        averaged = self._descent.averaged
        return _State(
            epoch,
            self._descent.updater.pace.step,
            tuple(array.copy() for array in self._arrays),
            averaged is not None and averaged.begun,
            copy(self._descent.plateau),
            copy(self._monitor),
        )
