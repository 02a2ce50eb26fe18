"""A leaderboard fits the terminal: columns that do not fit are named below it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from studies import LOSS, end, study, write

from dlrun.api.study import Study
from dlrun.cli.display.board import print_board
from dlrun.cli.display.terminal import Terminal
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.schedulers.synchronous import Rounds

ACCURACY = "validation.accuracy"
SPACE = {
    "params.units": [4, 8],
    "data.batch_size": [8, 16],
    "optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]},
    "optimizer.adam.beta1": {"uniform": [0.8, 0.9]},
}


@pytest.fixture
def board(tmp_path: Path) -> Leaderboard:
    goals = [{"minimize": LOSS}, {"maximize": ACCURACY}]
    with study(tmp_path, objectives=goals, space=SPACE) as ledger:
        scheduler = Rounds(ledger, None)
        while (job := scheduler.next(())) is not None:
            end(ledger, job, {LOSS: 0.1234 + job.trial, ACCURACY: 0.5})
        write(ledger)
    return Study(tmp_path / "studies/search").leaderboard


def printed(board: Leaderboard) -> list[str]:
    out = io.StringIO()
    print_board(Terminal(out), board)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (140, []),
        (80, ["batch_size", "lr", "beta1"]),
        (60, ["units", "batch_size", "lr", "beta1"]),
        (40, [ACCURACY, "epochs", "batch_size", "lr", "beta1"]),
    ],
)
def test_what_does_not_fit_is_named(
    board: Leaderboard, monkeypatch: pytest.MonkeyPatch, width: int, left_out: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    title, rule, *rows = printed(board)
    table = [title, rule, *rows[:6]]
    assert max(map(len, table)) <= width
    assert all("0.12" in row or f"{n}.123" in row for n, row in enumerate(rows[:6]))
    said = " ".join(rows[6:])
    shown = title.split()
    assert all(key not in shown for key in left_out)
    if left_out:
        columns = f"{len(left_out)} more columns: {', '.join(left_out)}; see dlrun study --csv"
        assert said.startswith(columns)
    else:
        assert "more column" not in said and shown[-1] == "beta1"


def test_a_pipe_gets_all_columns(board: Leaderboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert printed(board)[0].split()[-2:] == ["lr", "beta1"]
