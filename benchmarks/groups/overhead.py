"""The time that a run needs for validation, files and the screen, in addition to training."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import child
from benchmarks.measure import ROOT, Settings
from benchmarks.report import Report, spread
from benchmarks.works import mlp, samples

_SPEC = """\
name: overhead
data:
  source: {{npz: {{path: train.npz}}}}
  split: {{validation: validation.npz}}
  batch_size: 128
initializer: he_normal
model: [dense: 256, relu, dense: 256, relu, dense: 10]
loss: cross_entropy
metrics: [accuracy]
optimizer: {{adam: {{lr: 1e-3}}}}
epochs: {epochs}
"""
_STEPS, _FORWARD, _VALIDATION, _FILES, _SCREEN = (
    "training steps",
    "forward passes of validation",
    "rest of validation: copies, loss, metrics",
    "metrics.csv",
    "log.txt and screen",
)
_PARTS = (_STEPS, _FORWARD, _VALIDATION, _FILES, _SCREEN)


def measure(settings: Settings) -> Report:
    """Epochs of 16,000 samples of 784 numbers, with 4,000 to validate on, as ``dlrun train`` does.

    The parts of an epoch are timed within one process, where they add up to the whole; the
    difference of two processes would be less than the noise of a machine.  A part's time in a
    run is the median over its epochs but the first, and the runs are the rounds.
    """
    epochs = 3 if settings.quick else 10
    report = Report("overhead/epoch", ("of an epoch", "min - max", "share"))
    seconds: dict[str, list[float]] = {part: [] for part in _PARTS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, epochs)
        for number in range(settings.rounds):
            clock = folder / f"clock-{number}"
            command: list[str | Path] = [sys.executable, "-m", "benchmarks.groups.overhead"]
            command += [folder, clock]
            end = child.run(command, ROOT)
            if end.code:
                report.faults.append(f"ended with {end.code}: {end.complaint}")
                return report
            rows = json.loads(clock.read_text())[1:]
            for part in _PARTS:
                seconds[part].append(statistics.median(row[part] for row in rows))
    whole = sum(statistics.median(seconds[part]) for part in _PARTS)
    for part in _PARTS:
        share = statistics.median(seconds[part]) / whole
        report.rows.append((part, spread(seconds[part]), f"{share:.2%}"))
        report.data.append({"part": part, "share": share, "seconds": seconds[part]})
    overhead = sum(row["share"] for row in report.data[2:])
    report.notes.append(
        f"the last three, which are overhead, are {overhead:.2%} together; the forward passes are "
        "the work that validation asks for"
    )
    return report


def _write(folder: Path, epochs: int) -> None:
    inputs, classes = samples(mlp((784,), (), batch=1250, name="overhead"))
    np.savez(folder / "train.npz", x=inputs[:16_000], y=classes[:16_000])
    np.savez(folder / "validation.npz", x=inputs[16_000:], y=classes[16_000:])
    (folder / "spec.yaml").write_text(_SPEC.format(epochs=epochs))


class _Watch:
    """Seconds that functions take, by part; what runs within another part is its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched."""

        def watched(*arguments: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            result = function(*arguments)
            seconds = time.perf_counter() - start
            self.spent[part] += seconds - self._inner.pop()
            if self._inner:
                self._inner[-1] += seconds
            return result

        return watched


def _train(folder: Path, clock: Path) -> None:
    """``dlrun train --plain`` with a watch on its parts; writes the seconds of every epoch."""
    from dlrun.checkpoints.recorder import Recorder
    from dlrun.cli.display.progress import show
    from dlrun.cli.display.terminal import Terminal
    from dlrun.inference.scores import evaluate
    from dlrun.launch.start import start
    from dlrun.nn.engine.plan import Plan
    from dlrun.training import loop
    from dlrun.training.events import EpochEnded

    watch = _Watch()

    def validate(*arguments: Any) -> dict[str, float]:
        forward = Plan.forward
        with_watch: Any = watch.timed(_FORWARD, forward)
        setattr(Plan, "forward", with_watch)  # noqa: B010 (mypy knows it as a method)
        try:
            return evaluate(*arguments)
        finally:
            setattr(Plan, "forward", forward)  # noqa: B010

    setattr(loop, "evaluate", watch.timed(_VALIDATION, validate))  # noqa: B010
    record = watch.timed(_FILES, Recorder.__call__)
    setattr(Recorder, "__call__", lambda recorder, event: record(recorder, event))  # noqa: B010
    rows: list[dict[str, float]] = []
    training = start(folder / "spec.yaml", runs=folder / "runs")
    with show("plain", training.directory, Terminal()) as consume:
        consume = watch.timed(_SCREEN, consume)
        before = time.perf_counter()
        for event in training.events():
            consume(event)
            if isinstance(event, EpochEnded):
                now = time.perf_counter()
                rest = now - before - sum(watch.spent.values())
                rows.append({**watch.spent, _STEPS: rest})
                watch.spent.clear()
                before = now
    clock.write_text(json.dumps(rows))


if __name__ == "__main__":
    _train(Path(sys.argv[1]), Path(sys.argv[2]))
