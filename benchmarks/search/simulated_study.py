"""Studies whose runs are looked up in a table of learning curves instead of trained."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.search.curve_tables import CurveTable
from dlrun.search.pruners.base import ChoosingPruner, PromotingPruner, SynchronousPruner
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.base import Scheduler
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.schedulers.turns import Turns
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import JobOutcome


def progress(
    table: CurveTable, training: int, keys: Mapping[str, Any], most: float = math.inf
) -> Sequence[tuple[int, float]]:
    """Trained epochs after each run of a study with one worker, and the regret of its best trial.

    The best trial is that of the leaderboard: only completed trials count, with their values in
    this study.  The regret is infinite before there is one.

    Args:
        table: of the runs.
        training: index of the seed of the runs.
        keys: of the sweep, such as ``search`` and ``prune``.
        most: epochs after which the study is stopped.
    """
    plan = table.plan(keys)
    goal, curves = plan.sweep.goal, table.curves[training]
    trained: dict[int, int] = {}
    found, best, regret = [(0, math.inf)], math.inf, math.inf
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Ledger(plan, StudyDirectory(Path(folder)))) as ledger,
    ):
        ledger.begin()
        scheduler = _scheduler(ledger)
        while found[-1][0] < most and (job := scheduler.next(())) is not None:
            scheduler.events.clear()
            row = table.row(ledger.state.suggestion(job.trial))
            trained[job.trial] = job.epochs or table.epochs
            value = float(curves[row, trained[job.trial] - 1])
            ledger.end(job, _outcome(goal.score, value, trained[job.trial]))
            if not job.epochs and goal.sign * value < best:
                best, regret = goal.sign * value, float(table.regrets[row])
            found.append((sum(trained.values()), regret))
    return found


def _outcome(score: str, value: float, epochs: int) -> JobOutcome:
    failed = not math.isfinite(value)
    scores: dict[str, float | None] = {} if failed else {score: value}
    status = "failed" if failed else "completed"
    return JobOutcome(status, "diverged" * failed, scores, epochs, 0.0, 0.0, "")


def _scheduler(ledger: Ledger) -> Scheduler:
    match ledger.plan.sweep.prune:
        case ChoosingPruner() as prune:
            return Turns(ledger, prune)
        case PromotingPruner() as prune:
            return Flow(ledger, prune)
        case SynchronousPruner() | None as prune:
            return Rounds(ledger, prune)
        case prune:
            raise ValueError(f"{prune.kind} needs runs that ask after every epoch")
