"""The way back of a run that has diverged."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import numpy as np

from dlrun.nn.state import State, Stateful, joined, under
from dlrun.training.course import Course
from dlrun.training.descent import Descent
from dlrun.training.events import EpochEnded, Event, Restarted
from dlrun.training.loop import Outcome
from dlrun.training.on_divergence import OnDivergence


class Recovery:
    """The way back of a run, as its spec wants it.

    Args:
        rules: of the spec; None ends a run that diverges.
        parts: all that training carries, by name; changed in place, and so are the others.
        descent: one of them.
        course: another.
    """

    def __init__(
        self,
        rules: OnDivergence | None,
        parts: Mapping[str, Stateful],
        descent: Descent,
        course: Course,
    ) -> None:
        self._rules, self._parts, self._descent, self._course = rules, parts, descent, course
        self._attempts = 0
        self._kept: State = {} if rules is None else self._copied()

    def watched(self, events: Generator[Event, None, Outcome]) -> Generator[Event, None, Outcome]:
        """The same events; what may be gone back to is kept."""
        try:
            while True:
                event = next(events)
                if isinstance(event, EpochEnded) and event.improved and self._follows_the_best:
                    self._kept = self._copied()
                yield event
        except StopIteration as done:
            outcome: Outcome = done.value
            return outcome
        finally:
            events.close()

    def go_back(self, outcome: Outcome) -> Restarted | None:
        """Restore what was kept; None where training is to end as it has."""
        rules = self._rules
        if rules is None or outcome.status != "diverged" or self._attempts == rules.attempts:
            return None
        self._attempts += 1
        for name, part in self._parts.items():
            part.restore(under(self._kept, name))
        factor = rules.lr_factor**self._attempts
        self._descent.slow_down(factor)
        return Restarted(
            outcome.reason, self._course.epochs, factor, self._attempts, rules.attempts
        )

    def state(self) -> State:
        """What it would go back to, and how often it has; nothing where it never will."""
        if self._rules is None:
            return {}
        return {"attempts": np.asarray(self._attempts), **joined({"kept": self._kept})}

    def restore(self, state: State) -> None:
        """Go on with it."""
        if self._rules is not None:
            self._attempts = state["attempts"].item()
            self._kept = {name: each.copy() for name, each in under(state, "kept").items()}

    @property
    def _follows_the_best(self) -> bool:
        return self._rules is not None and self._rules.restore == "best"

    def _copied(self) -> State:
        whole = joined({name: part.state() for name, part in self._parts.items()})
        return {name: array.copy() for name, array in whole.items()}
