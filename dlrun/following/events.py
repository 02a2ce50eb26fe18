"""What can be seen from outside only: the process of a run or a study is gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.quantities import count


@dataclass(frozen=True, slots=True)
class Killed:
    """A run without a result and without a process, or a study that no process runs.

    Attributes:
        directory: of the run or the study.
        done: epochs of a run, or ended runs of a study.
        is_study: which of the two it is.
        advice: how to continue it.
    """

    directory: Path
    done: int
    is_study: bool
    advice: str

    @property
    def line(self) -> str:
        """The state, with the words of ``dlrun runs``, and what to do, as a sentence."""
        if self.is_study:
            what = f"stopped after {count(self.done, 'run')}: no process runs the study"
        elif self.done:
            what = f"killed after {count(self.done, 'epoch')}: no process and no result"
        else:
            what = "failed before the end of its first epoch: no process and no result"
        return f"{self.directory}: {what}; {self.advice}"

    def as_json(self) -> dict[str, Any]:
        """The event as a JSON object, with its name under ``event``."""
        kind = "study_killed" if self.is_study else "run_killed"
        return {"event": kind, "done": self.done, "directory": str(self.directory)}
