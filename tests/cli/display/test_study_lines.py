"""The lines that a study prints."""

from __future__ import annotations

import pytest

from dlrun.cli.display.study_lines import StudyLines
from dlrun.study.events import BatchStarted


@pytest.mark.parametrize(
    ("epochs", "line"),
    [
        (0, "next: 2 trials, 6 runs"),
        (3, "next: 2 trials up to epoch 3, 6 runs"),
        (None, "next: 2 trials, each up to its next rung, 6 runs"),
    ],
)
def test_a_batch_says_how_far_its_trials_train(epochs: int | None, line: str) -> None:
    assert StudyLines()(BatchStarted({0: {}, 1: {}}, epochs, 6)) == [line]
