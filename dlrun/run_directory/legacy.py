"""What version 0.1 wrote: it kept how a run ended as a sentence only."""

from __future__ import annotations

import re
import signal

from dlrun.run_directory.ending import Ending

_SENTENCES = (
    ("epochs", re.compile(r"all epochs are done")),
    ("patience", re.compile(r"early stopping: .*")),
    ("max_time", re.compile(r"max_time of (.+) s is over")),
    ("signal", re.compile(r"stopped by (SIG\w+)")),
    ("rung", re.compile(r"the study wants no more than (\d+) epochs for now")),
    ("pruned", re.compile(r"the pruner wants no more of it")),
    ("study_stopped", re.compile(r"the study was stopped")),
)


def ending_of(status: str, reason: str, epochs: int) -> Ending | None:
    """How a run ended; None where version 0.1 wrote no such sentence.

    Args:
        status: of the run.
        reason: the sentence.
        epochs: that were trained.
    """
    if status == "diverged":
        return Ending("diverged")
    for kind, sentence in _SENTENCES:
        found = sentence.fullmatch(reason)
        if found is None:
            continue
        match kind:
            case "epochs" | "patience":
                return Ending(kind, epochs)
            case "max_time":
                return Ending(kind, _number(found[1]))
            case "signal":
                number = signal.Signals.__members__.get(found[1])
                return Ending(kind, None if number is None else int(number))
            case "rung":
                return Ending(kind, int(found[1]))
            case "pruned" | "study_stopped":
                return Ending(kind)
    return None


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
