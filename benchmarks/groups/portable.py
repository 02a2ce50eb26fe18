"""The cost of ``numerics: portable``: training steps with and without it, in turn.

Each is a process on one thread, measured by its processor time: other programs on the machine
change little.  The smallest time over all turns counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from benchmarks.measure import ROOT, Settings
from benchmarks.peers import OURS, load
from benchmarks.report import Report, duration
from benchmarks.works import WORKS, first_weights, samples
from dlrun import portable

_MEASURED = ("mlp-bn", "cnn-28", "lstm", "transformer")
_BLOCK = 0.1
"""Seconds of processor time of a block of steps."""


def measure(settings: Settings) -> Report:
    """Forward, loss, backward and Adam on a batch, for each network."""
    report = Report("portable/steps", ("network", "native", "portable", "ratio"))
    native = {**os.environ, "DLRUN_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    pinned = portable.environment(native)
    for name in _MEASURED:
        children = [_Child(name, native), _Child(name, pinned)]
        best = [float("inf")] * 2
        for number in range(2 * settings.rounds * (1 if settings.quick else 4)):
            which = number % 2
            best[which] = min(best[which], children[which].turn())
        for child in children:
            child.end()
        ratio = best[1] / best[0]
        report.rows.append((name, *map(duration, best), f"{ratio:.2f}"))
        row = {"network": name, "native": best[0], "portable": best[1], "ratio": ratio}
        report.data.append(row)
    return report


class _Child:
    """A process that trains a network; it waits while it has no turn."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.groups.portable", name],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def turn(self) -> float:
        """Seconds of a step."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("turn\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


def main(name: str) -> None:
    """Train, and answer each line of input with the processor time of a step."""
    (work,) = (each for each in WORKS if each.name == name)
    train = load(OURS).trainer(work, first_weights(work), *samples(work))
    for steps in (1, 5):  # compiles, and fills the caches
        spent = _time(train, steps) / steps
    for _ in sys.stdin:
        steps = max(1, round(_BLOCK / spent))
        spent = _time(train, steps) / steps
        print(spent, flush=True)


def _time(train: Callable[[int], object], steps: int) -> float:
    began = time.process_time()
    train(steps)
    return time.process_time() - began


if __name__ == "__main__":
    main(sys.argv[1])
