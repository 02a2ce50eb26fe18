"""How a run ended, as a value for programs; a sentence for people is stored with it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Status = Literal["completed", "stopped", "diverged"]
"""Trained as the spec requires; stopped, so that it can be resumed; a loss that is not finite."""

Kind = Literal[
    "epochs", "patience", "max_time", "signal", "rung", "pruned", "study_stopped", "diverged"
]
"""All epochs are done; early stopping; the time limit; a signal; the epochs of a study's rung are
done; the pruner stopped it; its study was stopped; a value is NaN or infinite."""

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
        number: trained epochs for ``epochs``, ``patience`` and ``rung``, seconds for ``max_time``,
            the signal's number for ``signal``; None for the others.
    """

    kind: Kind
    number: float | None = None

    @property
    def status(self) -> Status:
        """The status of a run that ended in this way."""
        return _STATUS.get(self.kind, "stopped")

    @classmethod
    def read(cls, value: Any) -> Ending | None:
        """The ending in a file, a mapping of ``kind`` and ``number``; None if it is not one."""
        if not isinstance(value, Mapping) or value.keys() != {"kind", "number"}:
            return None
        kind, number = value["kind"], value["number"]
        counts = isinstance(number, int | float) and not isinstance(number, bool)
        if kind not in get_args(Kind) or not (number is None or counts):
            return None
        return cls(kind, number)


def said(ending: Ending) -> str:
    """Why a run was stopped, as a sentence.

    Args:
        ending: of a run that was stopped.
    """
    match ending:
        case Ending("signal", float() | int() as number):
            return f"stopped by {signal.Signals(int(number)).name}"
        case Ending("max_time", float() | int() as seconds):
            return f"max_time of {seconds:g} s is over"
        case Ending("rung", float() | int() as epochs):
            return f"paused by the pruner after {epochs:g} epoch{'' if epochs == 1 else 's'}"
        case Ending("pruned"):
            return "stopped by the pruner"
        case _:
            return "the study was stopped"
