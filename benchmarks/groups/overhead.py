"""What a run pays, beside training itself, for validation, files and the screen."""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import child
from benchmarks.measure import ROOT, Settings
from benchmarks.report import Report, spread
from benchmarks.works import mlp, samples

_SPEC = """\
name: overhead
data:
  source: {{npz: {{path: train.npz}}}}
  split: {{validation: {validation}}}
  batch_size: 128
initializer: he_normal
model: [dense: 256, relu, dense: 256, relu, dense: 10]
loss: cross_entropy
metrics: [accuracy]
optimizer: {{adam: {{lr: 1e-3}}}}
epochs: {epochs}
"""
_STEPS = ("training alone", "+ validation", "+ files", "+ log and screen")
"""Each does what the one before does, and more."""


def measure(settings: Settings) -> Report:
    """Epochs of 16,000 samples of 784 numbers, with 4,000 to validate on.

    Every variant runs in turn, round by round; an epoch's time in a run is the median over its
    epochs but the first.  All but the first two variants are real ``dlrun train`` commands.  What
    they add is small next to the noise of a machine, so the least of the rounds is compared.
    """
    epochs = 3 if settings.quick else 10
    report = Report("overhead/epoch", ("an epoch", "least - greatest", "added", "share"))
    seconds: dict[str, list[float]] = {step: [] for step in _STEPS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, epochs)
        for _ in range(settings.rounds):
            for step in _STEPS:
                try:
                    seconds[step].append(_epoch(step, folder))
                except RuntimeError as fault:
                    report.faults.append(f"{step}: {fault}")
                    return report
    whole, before = min(seconds[_STEPS[-1]]), 0.0
    for step in _STEPS:
        least = min(seconds[step])
        added = least - before
        report.rows.append(
            (step, spread(seconds[step]), f"{added * 1e3:.1f} ms", f"{added / whole:.1%}")
        )
        report.data.append({"step": step, "least": least, "seconds": seconds[step]})
        before = least
    report.notes.append("added: to the line above, least to least; share: of the last line")
    return report


def _write(folder: Path, epochs: int) -> None:
    inputs, classes = samples(mlp((784,), (), batch=1250, name="overhead"))
    np.savez(folder / "train.npz", x=inputs[:16_000], y=classes[:16_000])
    np.savez(folder / "validation.npz", x=inputs[16_000:], y=classes[16_000:])
    for name, validation in (("with", "validation.npz"), ("without", "0")):
        text = _SPEC.format(validation=validation, epochs=epochs)
        (folder / f"{name}.yaml").write_text(text)


def _epoch(step: str, folder: Path) -> float:
    """Median time of an epoch, from the running clock that every epoch's row carries."""
    spec = folder / ("without.yaml" if step == _STEPS[0] else "with.yaml")
    with tempfile.TemporaryDirectory() as name:
        runs = Path(name)
        program: list[str | Path]
        if step in _STEPS[:2]:
            program = [sys.executable, "-m", "benchmarks.groups.overhead", spec, runs / "clock"]
        else:
            how = "--quiet" if step == _STEPS[2] else "--plain"
            program = [sys.executable, "-m", "dlrun", "train", spec, "--runs", runs, how]
        end = child.run(program, ROOT)
        if end.code:
            raise RuntimeError(f"ended with {end.code}: {end.complaint}")
        if step in _STEPS[:2]:
            clock = [float(each) for each in json.loads((runs / "clock").read_text())]
        else:
            with next(runs.rglob("metrics.csv")).open() as file:
                clock = [float(row["seconds"]) for row in csv.DictReader(file)]
    return statistics.median(np.diff(clock).tolist())


def _train_alone(spec: Path, clock: Path) -> None:
    """Train without a run directory, and write when every epoch ended."""
    from dlrun.training.compile import compile_spec
    from dlrun.training.events import EpochEnded
    from dlrun.training.session import Session
    from dlrun.training.stop import Stop

    events = Session(compile_spec(spec)).run(Stop())
    ends = [event.row["seconds"] for event in events if isinstance(event, EpochEnded)]
    clock.write_text(json.dumps(ends))


if __name__ == "__main__":
    _train_alone(Path(sys.argv[1]), Path(sys.argv[2]))
