"""Restarts of a run that has diverged, from earlier weights."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import numpy as np

from dlrun.arrays import Array
from dlrun.experiment.on_divergence import OnDivergence
from dlrun.nn.state import State, Stateful, joined, under
from dlrun.training.events import EpochEnded, Event, Restarted
from dlrun.training.loop import Outcome
from dlrun.training.progress import Progress
from dlrun.training.restarts import Restart, as_state, from_state
from dlrun.training.weight_update import WeightUpdate


class Recovery:
    """Restarts a run as its spec demands.

    Attributes:
        restarts: those that were made, in all processes.

    Args:
        rules: of the spec; None ends a run that diverges.
        parts: everything that training carries from step to step, by name; changed in place.
        update: the one of them that updates weights.
        progress: the one of them that counts epochs and steps.
    """

    def __init__(
        self,
        rules: OnDivergence | None,
        parts: Mapping[str, Stateful],
        update: WeightUpdate,
        progress: Progress,
    ) -> None:
        self._rules, self._parts, self._update, self._progress = rules, parts, update, progress
        self._attempts = 0
        self.restarts: tuple[Restart, ...] = ()
        self._kept: dict[str, Array] = {}
        if rules is not None:
            self._keep()

    def watched(self, events: Generator[Event, None, Outcome]) -> Generator[Event, None, Outcome]:
        """The same events; keeps a copy of the state to which training may return."""
        try:
            while True:
                event = next(events)
                if isinstance(event, EpochEnded) and event.improved and self._follows_the_best:
                    self._keep()
                yield event
        except StopIteration as done:
            outcome: Outcome = done.value
            return outcome
        finally:
            events.close()

    def go_back(self, outcome: Outcome) -> Restarted | None:
        """Restore the kept state; None if training should end instead."""
        rules = self._rules
        if rules is None or outcome.status != "diverged" or self._attempts == rules.attempts:
            return None
        self._attempts += 1
        for name, part in self._parts.items():
            part.restore(under(self._kept, name))
        factor = rules.lr_factor**self._attempts
        self._update.slow_down(factor)
        restart = Restart(outcome.reason, self._progress.epochs, factor)
        self.restarts = (*self.restarts, restart)
        return Restarted(restart.reason, restart.epoch, factor, self._attempts, rules.attempts)

    def state(self) -> State:
        """The kept state and the restarts; empty if the spec has no restarts."""
        if self._rules is None:
            return {}
        made = {} if not self.restarts else {"restarts": as_state(self.restarts)}
        return {"attempts": np.asarray(self._attempts), **joined({"kept": self._kept, **made})}

    def restore(self, state: State) -> None:
        """Continue from a state."""
        if self._rules is not None:
            self._attempts = state["attempts"].item()
            self.restarts = from_state(under(state, "restarts"))
            self._replace_kept(under(state, "kept"))

    @property
    def _follows_the_best(self) -> bool:
        return self._rules is not None and self._rules.restore == "best"

    def _keep(self) -> None:
        """Copy the state."""
        self._replace_kept(joined({name: part.state() for name, part in self._parts.items()}))

    def _replace_kept(self, whole: State) -> None:
        """Copy a state, into the earlier copy where that has arrays of the same form."""
        for name, array in whole.items():
            kept = self._kept.get(name)
            if kept is not None and (kept.shape, kept.dtype) == (array.shape, array.dtype):
                np.copyto(kept, array)
            else:
                self._kept[name] = array.copy()
        for name in self._kept.keys() - whole.keys():
            del self._kept[name]
