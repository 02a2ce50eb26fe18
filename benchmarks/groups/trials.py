"""The time that a trial of a study needs in addition to its training."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import child
from benchmarks.measure import Settings
from benchmarks.report import Report, duration, spread
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.read_journal import read_journal

_SWEEP = """\
name: trivial
spec:
  name: trivial
  data: {source: {blobs: 110}, split: {validation: 0.2, test: 0.2}, batch_size: 16}
  model: [dense: 8, relu, dense: "${classes}"]
  loss: cross_entropy
  epochs: 4
search: {random: {trials: 10}}
objective: {minimize: validation.loss}
space:
  optimizer.adam.lr: {log_uniform: [1e-3, 1e-1]}
  initializer.normal.std: {log_uniform: [1e-3, 1]}
"""
_FEW, _TRIALS = 10, 100


def measure(settings: Settings) -> Report:
    """Studies of 10 and of 110 very short trials: the time of 100 more, without their training."""
    report = Report("overhead/trial", ("search", "workers", "a trial", "min - max", "trains"))
    for search, workers in (("random", 1), ("random", 2), ("bayes", 1), ("bayes", 2)):
        beside, trained = [], []
        for _ in range(settings.rounds):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "sweep.yaml").write_text(_SWEEP)
                try:
                    few = _study(folder, search, workers, _FEW)
                    many = _study(folder, search, workers, _FEW + _TRIALS)
                except RuntimeError as fault:
                    report.faults.append(str(fault))
                    return report
            training = (many[1] - few[1]) / _TRIALS
            beside.append((many[0] - few[0]) / _TRIALS - training / workers)
            trained.append(training)
        median = duration(statistics.median(beside))
        trains = duration(statistics.median(trained))
        report.rows.append((search, str(workers), median, spread(beside), trains))
        report.data.append(
            {"search": search, "workers": workers, "seconds": beside, "training": trained}
        )
    report.notes.append(
        "wall time of 100 trials less their training, shared by the workers, for one trial; that "
        "of bayes has the suggestions in it"
    )
    return report


def _study(folder: Path, search: str, workers: int, trials: int) -> tuple[float, float]:
    """Seconds that a study took, and those of them that its runs trained, in all workers.

    Raises:
        RuntimeError: it failed.
    """
    name = f"study-{trials}"
    command = ["tune", "sweep.yaml", f"name={name}", f"search.{search}.trials={trials}"]
    command += ["--jobs", str(workers), "--quiet"]
    end = child.run([sys.executable, "-m", "dlrun", *command], folder)
    if end.code:
        raise RuntimeError(f"ended with {end.code}: {end.complaint}")
    records = read_journal(StudyDirectory(folder / "studies" / name).journal_file)
    training = sum(each["outcome"]["seconds"] for each in records if each["event"] == "ended")
    return end.seconds, training
