"""The scores of a trial whose runs were reported with different ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from studies import LOSS, end, study, write

from dlrun.study.batches import batch
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.job import Job

ACCURACY, TEST = "validation.accuracy", "test.accuracy"
WHOLE = {LOSS: 0.25, ACCURACY: 0.75, TEST: 0.5}


@pytest.mark.parametrize("runs", [[WHOLE, {LOSS: 0.75}], [{LOSS: 0.75}, WHOLE]])
def test_a_score_that_a_run_lacks_has_no_mean(
    tmp_path: Path, runs: list[Mapping[str, float]]
) -> None:
    with study(tmp_path, search={"random": {"trials": 1}}, repeats=2) as ledger:
        batch(ledger, 0)
        for repeat, scores in enumerate(runs):
            end(ledger, Job(0, repeat), scores)
        write(ledger)
        board = leaderboard(ledger.plan, ledger.state)
    assert board.winner is not None
    assert board.winner.scores == {LOSS: 0.5} and board.test == {}


def test_a_score_that_all_runs_have_has_a_mean(tmp_path: Path) -> None:
    with study(tmp_path, search={"random": {"trials": 1}}, repeats=2) as ledger:
        batch(ledger, 0)
        for repeat in range(2):
            end(ledger, Job(0, repeat), WHOLE)
        board = leaderboard(ledger.plan, ledger.state)
    assert board.winner is not None
    assert board.winner.scores == {LOSS: 0.25, ACCURACY: 0.75}
    assert board.test[TEST].mean == 0.5
