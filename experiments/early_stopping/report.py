"""Tables and words of the findings."""

from __future__ import annotations

import math
from collections.abc import Sequence

import dlrun
from experiments.early_stopping.measured import Measured
from experiments.early_stopping.tasks import FRACTIONS, PATIENCE, SAMPLES, SIDES, TASKS
from experiments.numbers import plus_minus

SHOWN = (1, 2, 5, 10, 20, 50, None)


def mean(values: Sequence[float]) -> float:
    """The mean."""
    return math.fsum(values) / len(values)


def add_tables(findings: dlrun.Findings, measured: Measured) -> None:
    """The three tables."""
    findings.table(
        "Patience: test loss relative to the lowest of each task (mean over tasks and seeds, 95 % "
        "interval), and epochs that are trained",
        ["patience", "best weights", "last weights", *(f"epochs, {t.name}" for t in TASKS)],
        [_patience_row(measured, patience) for patience in SHOWN],
    )
    findings.table(
        f"{SAMPLES} samples divided into training and validation: relative test loss (mean over "
        "tasks and seeds, 95 % interval)",
        ["validation", "lowest of any epoch", "at the epoch chosen", "difference"],
        [*(_fraction_row(measured, each) for each in FRACTIONS), *_rows_on_all(measured)],
    )
    findings.table(
        "With and without dropout and weight decay: mean over seeds, 95 % interval",
        ["task", "training", "rate, dropout, decay", "test loss", "accuracy or r2", "epochs"],
        [_side_row(measured, task.name, side) for task in TASKS for side in SIDES],
    )


def _patience_row(measured: Measured, patience: int | None) -> list[str]:
    best = measured.loss_at("early stopping", patience)
    last = measured.loss_at("early stopping", patience, "last")
    epochs = [f"{mean(measured.trained(t, 'early stopping', patience)):.0f}" for t in TASKS]
    return [str(patience or "all epochs"), plus_minus(best), plus_minus(last), *epochs]


def _fraction_row(measured: Measured, fraction: float) -> list[str]:
    lowest = measured.lowest_at(fraction)
    at_best = measured.chosen_at(fraction)
    count = round(fraction * SAMPLES)
    return [
        f"{100 * fraction:.0f} % ({count} samples)",
        plus_minus(lowest),
        plus_minus(at_best),
        plus_minus([one - other for one, other in zip(at_best, lowest, strict=True)]),
    ]


def _rows_on_all(measured: Measured) -> list[list[str]]:
    lowest = plus_minus(measured.lowest_at(0.0))
    again = measured.relative(lambda task: measured.again(task, 0.2))
    return [
        ["20 %, then training on all", lowest, plus_minus(again), ""],
        ["none, all epochs", lowest, plus_minus(measured.relative(measured.on_all)), ""],
    ]


def _side_row(measured: Measured, name: str, side: str) -> list[str]:
    task = next(each for each in TASKS if each.name == name)
    stops = side in ("early stopping", "both")
    patience = PATIENCE if stops else None
    settings = measured.settings[name, side]
    keys = ("params.rate", "params.dropout", "params.decay")

    def values(score: str) -> list[float]:
        weights = "best" if stops else "last"
        return measured.side(task, side, score, patience=patience, weights=weights)

    return [
        name,
        side,
        ", ".join(f"{settings[key]:g}" for key in keys),
        plus_minus(values("loss")),
        plus_minus(values(task.score)),
        f"{mean(measured.trained(task, side, patience)):.0f}",
    ]
