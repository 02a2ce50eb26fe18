from __future__ import annotations

import io
from itertools import pairwise

import pytest
from rich.console import Console
from rich.theme import Theme

from dlrun.cli.display.epoch_table import epoch_table
from dlrun.training.events import EpochEnded

METRICS = (
    "train.loss",
    "train.accuracy",
    "validation.loss",
    "validation.accuracy",
    "validation.macro_f1",
)


def epoch(number: int, best: int = 1, value: float = 0.5) -> EpochEnded:
    row = {"epoch": number, "step": 7 * number, "seconds": 61.0, "lr": 1e-3}
    return EpochEnded(number, row | dict.fromkeys(METRICS, value), number == best, best, value, 3)


def render(
    recent: list[EpochEnded],
    best: EpochEnded | None,
    width: int = 200,
    rows: int = 15,
    monitor: str = "validation.loss",
) -> list[str]:
    theme = Theme({"best": "bold", "faint": "dim"})
    console = Console(file=io.StringIO(), width=width, theme=theme)
    console.print(epoch_table(recent, best, monitor, width, rows))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def headings(lines: list[str]) -> set[str]:
    return set(" ".join(lines[:2]).split())


def test_a_row_an_epoch_with_the_best_one_marked() -> None:
    epochs = [epoch(n, best=2) for n in (1, 2, 3)]
    lines = render(epochs, epochs[1])
    assert lines[0].split() == ["train", "train", *["validation"] * 3]
    assert lines[1].split() == ["epoch", "time", "lr", "loss", "accuracy", "loss", "accuracy",
                                "macro_f1"]  # fmt: skip
    assert [line.split() for line in lines[3:]] == [
        ["1", "1m01s", "0.001", *["0.5000"] * 5],
        ["*", "2", "1m01s", "0.001", *["0.5000"] * 5],
        ["3", "1m01s", "0.001", *["0.5000"] * 5],
    ]


@pytest.mark.parametrize(
    ("rows", "first_cells"),
    [
        (15, [str(n) for n in range(6, 21)]),
        (4, ["17", "18", "19", "20"]),
        (1, ["20"]),
    ],
)
def test_the_last_rows_that_fit(rows: int, first_cells: list[str]) -> None:
    lines = render([epoch(n) for n in range(1, 21)], None, rows=rows)
    assert [line.split()[0] for line in lines[3:]] == first_cells


@pytest.mark.parametrize(
    ("rows", "first_cells"),
    [
        (5, ["*", "...", "18", "19", "20"]),
        (3, ["*", "...", "20"]),
        (2, ["19", "20"]),
        (1, ["20"]),
    ],
)
def test_the_best_row_stays_where_there_is_room(rows: int, first_cells: list[str]) -> None:
    lines = render([epoch(n) for n in range(2, 21)], epoch(1), rows=rows)
    assert [line.split()[0] for line in lines[3:]] == first_cells


def test_what_is_missed_least_goes_first_where_it_is_narrow() -> None:
    epochs = [epoch(1)]
    seen = [headings(render(epochs, None, width=width)) for width in range(100, 19, -1)]
    everything = {"epoch", "time", "lr", "train", "validation", "loss", "accuracy", "macro_f1"}
    assert seen[0] == everything
    assert seen[-1] == {"epoch", "validation", "loss"}
    gone: list[str] = []
    for wider, narrower in pairwise(seen):
        assert narrower <= wider
        gone += sorted(wider - narrower)
    assert gone == ["time", "lr", "macro_f1", "accuracy", "train"]


def test_the_monitored_metric_is_never_left_out() -> None:
    lines = render([epoch(1)], None, width=20, monitor="validation.macro_f1")
    assert headings(lines) == {"epoch", "validation", "macro_f1"}


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
@pytest.mark.parametrize("value", [0.5, -1.23456e-10, float("nan"), 12345.678])
def test_no_line_is_wider_than_the_terminal_and_no_cell_is_cut(width: int, value: float) -> None:
    lines = render([epoch(10_000, value=value)], epoch(10_000, value=value), width=width)
    assert all(len(line) <= width for line in lines)
    assert "…" not in "".join(lines)
    assert len(lines) == 4


def test_a_column_has_one_notation() -> None:
    epochs = [epoch(1, value=0.0010), epoch(2, value=8.903e-04)]
    for line, value in zip(render(epochs, None)[3:], ("0.001000", "0.000890"), strict=True):
        assert line.split()[3:] == [value] * len(METRICS)


def test_columns_do_not_move_from_epoch_to_epoch() -> None:
    one = render([epoch(1)], None)
    other = render([epoch(1000, value=1.5e-30)], epoch(1000))
    assert one[:3] == other[:3]
