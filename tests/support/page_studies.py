"""Studies with run directories whose scores and curves a formula makes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from studies import study, write

from dlrun.run_directory.directory import RunDirectory
from dlrun.study.batches import batch
from dlrun.study.store.job import Job, JobOutcome, new_name

SPACE: dict[str, Any] = {
    "optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]},
    "params.units": [4, 8, 16],
}


def value_of(settings: dict[str, Any], repeat: int = 0) -> float:
    """The score of a trial: best at a rate of 0.01 and many units."""
    rate, units = settings.get("optimizer.adam.lr", 0.01), settings.get("params.units", 8)
    return 0.1 + 0.3 * abs(math.log10(rate) + 2) + 1 / units + 0.01 * (repeat + 1) / units


def made(folder: Path, trials: int = 12, failed: int | None = None, **keys: Any) -> Path:
    """The directory of a study whose trials have ended.

    Args:
        folder: for the study.
        trials: of the random search.
        failed: number of a trial that failed; None for none.
        keys: of the sweep.
    """
    keys = {"search": {"random": {"trials": trials}}, "space": SPACE, **keys}
    with study(folder, **keys) as ledger:
        batch(ledger, 0)
        repeats = ledger.plan.sweep.repeats
        for trial, settings in list(ledger.state.trials()):
            for repeat in range(repeats):
                value, job = value_of(settings, repeat), Job(trial, repeat)
                run = RunDirectory(ledger.directory.trials / new_name(job, repeats))
                run.path.mkdir()
                run.write_resolved("name: small\n")
                run.write_environment({"python": "CPython 3", "packages": {"numpy": "2"}})
                for epoch in range(1, 6):
                    row = {"epoch": epoch, "validation.loss": value + 1 / epoch}
                    run.append_metrics(row)
                scores = {"validation.loss": value, "validation.accuracy": 1 - value / 4}
                status, reason = "completed", "all epochs are done"
                if trial == failed:
                    status, reason, scores = "failed", "it <i>broke</i>", {}
                cost = 1e6 * settings.get("params.units", 8)
                end = JobOutcome(status, reason, scores, 5, cost, 1.5, run.path.name)  # type: ignore[arg-type]
                ledger.end(job, end)
        write(ledger)
        return ledger.directory.path
