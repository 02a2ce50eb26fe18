"""Sentences that version 0.1 wrote are understood; see also tests/compatibility."""

from __future__ import annotations

import pytest

from dlrun.run_directory.ending import Ending
from dlrun.run_directory.legacy import ending_of


@pytest.mark.parametrize(
    ("status", "reason", "ending"),
    [
        ("completed", "all epochs are done", Ending("epochs", 7)),
        (
            "completed",
            "early stopping: validation.loss has not improved since epoch 3",
            Ending("patience", 7),
        ),
        ("stopped", "max_time of 0.3 s is over", Ending("max_time", 0.3)),
        ("stopped", "max_time of a while s is over", Ending("max_time")),
        ("stopped", "stopped by SIGUSR1", Ending("signal", 10)),
        ("stopped", "stopped by SIGNOTHING", Ending("signal")),
        ("stopped", "the study wants no more than 9 epochs for now", Ending("rung", 9)),
        ("stopped", "the pruner wants no more of it", Ending("pruned")),
        ("stopped", "the study was stopped", Ending("study_stopped")),
        ("diverged", "the loss is nan in epoch 1, step 2", Ending("diverged")),
        ("stopped", "somebody else's words", None),
    ],
)
def test_a_sentence(status: str, reason: str, ending: Ending | None) -> None:
    assert ending_of(status, reason, 7) == ending
