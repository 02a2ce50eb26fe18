"""The settings of a trial by epochs, if they changed in the course of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dlrun.search.suggestion import legible
from dlrun.spec.flow import setting
from dlrun.study.results.numbers import brief
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.store.lineage import Phase
from dlrun.study.store.trial import Trial


def continued(board: Leaderboard, trial: Trial) -> str:
    """The trial that a trial continues, and after which epoch, as short text; empty for none."""
    fork = board.forks.get(trial.number)
    return "" if fork is None else f"{fork.parent} @ {fork.epochs}"


def schedule_line(board: Leaderboard, trial: Trial) -> str:
    """The settings of a trial by epochs on a line: those of the start, and then what changed.

    Empty for a trial that began with initial weights, which has the same ones in all epochs.
    """
    phases = board.schedule(trial)
    if len(phases) < 2:
        return ""
    texts, before = list[str](), None
    names = dict(zip(board.keys, brief(board.keys), strict=True))
    for phase in phases:
        changed = {
            key: value
            for key, value in phase.settings.items()
            if before is None or key not in before or before[key] != value
        }
        values = ", ".join(f"{names[key]} {setting(value)}" for key, value in changed.items())
        texts.append(f"epochs {phase.first}-{phase.last}: {values or 'the same'}")
        before = phase.settings
    return "; ".join(texts)


def as_data(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    """Phases as plain data for JSON."""
    return [{**asdict(phase), "settings": legible(phase.settings)} for phase in phases]
