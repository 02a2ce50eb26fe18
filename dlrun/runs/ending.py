"""How a run ended, as a value that programs compare; people read the sentence beside it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Status = Literal["completed", "stopped", "diverged"]
"""It did what the spec asks, it was stopped and can be resumed, or its loss is no longer finite."""

Kind = Literal[
    "epochs", "patience", "max_time", "signal", "rung", "pruned", "study_stopped", "diverged"
]
"""All epochs are done; early stopping; the time is over; a signal; the epochs that a study wants
for now are done; a pruner ended it; its study was stopped; a number is NaN or infinite."""

_STATUS: Mapping[Kind, Status] = {
    "epochs": "completed",
    "patience": "completed",
    "diverged": "diverged",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Attributes:
        kind: what ended it.
        number: of ``epochs``, ``patience`` and ``rung`` the epochs that were trained, of
            ``max_time`` the seconds, of ``signal`` its number; None of the others.
    """

    kind: Kind
    number: float | None = None

    @property
    def status(self) -> Status:
        """What that means for the run."""
        return _STATUS.get(self.kind, "stopped")

    @classmethod
    def read(cls, value: Any) -> Ending | None:
        """What a file holds, a mapping of ``kind`` and ``number``; None where it holds none."""
        if not isinstance(value, Mapping) or value.keys() != {"kind", "number"}:
            return None
        kind, number = value["kind"], value["number"]
        counts = isinstance(number, int | float) and not isinstance(number, bool)
        if kind not in get_args(Kind) or not (number is None or counts):
            return None
        return cls(kind, number)


def said(ending: Ending) -> str:
    """Why a run was stopped, in a sentence.

    Args:
        ending: of a run that was stopped.
    """
    match ending:
        case Ending("signal", float() | int() as number):
            return f"stopped by {signal.Signals(int(number)).name}"
        case Ending("max_time", float() | int() as seconds):
            return f"max_time of {seconds:g} s is over"
        case Ending("rung", float() | int() as epochs):
            return f"paused after {epochs:g} epoch{'' if epochs == 1 else 's'}, as was asked"
        case Ending("pruned"):
            return "stopped by the pruner"
        case _:
            return "the study was stopped"
