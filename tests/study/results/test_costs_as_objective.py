"""A single objective that is a cost: its values are exact, so no statistics apply to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write

from dlrun.study.batches import batch
from dlrun.study.ledger import Ledger
from dlrun.study.results.ranking import Leaderboard, leaderboard
from dlrun.study.results.remarks import remarks
from dlrun.study.store.job import Job

PARAMETERS, TRAINING = "cost.parameters", "cost.training"
KEYS: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8, 16]}}


def board_of(ledger: Ledger, score: str, runs: Sequence[Sequence[float]]) -> Leaderboard:
    batch(ledger, 0)
    for trial, values in enumerate(runs):
        for repeat, value in enumerate(values):
            end(ledger, Job(trial, repeat), {LOSS: 0.5, score: value})
    write(ledger)
    return leaderboard(ledger.plan, ledger.state)


def test_costs_have_no_ties_and_no_optimism(tmp_path: Path) -> None:
    goal = {"minimize": PARAMETERS}
    with study(tmp_path, **KEYS, objective=goal, repeats=3) as ledger:
        board = board_of(ledger, PARAMETERS, [[50.0] * 3, [100.0] * 3, [500.0] * 3])
    assert [row.tie for row in board.rows] == [False] * 3
    said = "\n".join(remarks(board))
    assert "Tied" not in said and "optimistic" not in said
    found = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert found["optimism"] is None


def test_a_cost_that_varies_with_the_seed_is_compared_by_its_differences(tmp_path: Path) -> None:
    goal = {"minimize": TRAINING}
    with study(tmp_path, **KEYS, objective=goal, repeats=3) as ledger:
        runs = [[50.0, 60.0, 70.0], [60.0, 55.0, 72.0], [500.0, 510.0, 505.0]]
        board = board_of(ledger, TRAINING, runs)
    assert [row.tie for row in board.rows] == [False, True, False]
    assert "optimistic" in "\n".join(remarks(board))


@pytest.mark.parametrize(("score", "said"), [(PARAMETERS, False), (TRAINING, True)])
def test_with_one_seed_only_what_no_seed_changes_is_exact(
    tmp_path: Path, score: str, said: bool
) -> None:
    with study(tmp_path, **KEYS, objective={"minimize": score}) as ledger:
        board = board_of(ledger, score, [[50.0], [100.0], [500.0]])
    assert ("optimistic" in "\n".join(remarks(board))) == said
