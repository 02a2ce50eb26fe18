"""The pieces of a training step, measured on one thread.

``python -m benchmarks.schedule WORK`` prints, as JSON, the seconds of a step on one thread and
those of its pieces, a list for each section that ``Pool.each`` runs on several threads.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence

from benchmarks.peers.ours import Ours, network_of, trained
from benchmarks.works import WORKS, first_weights, samples
from dlrun.nn.parallel.threads import Pool, Work

_STEPS = 40


class Recorder(Pool):
    """A pool of one thread that measures every piece.

    Attributes:
        sections: seconds of the pieces of each section so far.
    """

    sections: list[list[float]]

    def each(self, pieces: Sequence[Work]) -> Work:
        """Work that runs and measures all pieces."""
        fixed = tuple(pieces)
        return fixed[0] if len(fixed) == 1 else lambda: self._measure(fixed)

    def _measure(self, pieces: Sequence[Work]) -> None:
        seconds = []
        for piece in pieces:
            start = time.perf_counter()
            piece()
            seconds.append(time.perf_counter() - start)
        self.sections.append(seconds)


def main() -> None:
    """Measure a network; the medians of all steps."""
    (work,) = (each for each in WORKS if each.name == sys.argv[1])
    Ours(compiled=False)  # sets the threads of BLAS
    network = network_of(work, first_weights(work))
    pool = network.pool = Recorder(1, network.kernels)
    pool.sections = []
    train = trained(network, work, *samples(work))
    train(_STEPS // 4)
    steps, found = [], []
    for _ in range(_STEPS):
        pool.sections = []
        start = time.perf_counter()
        train(1)
        steps.append(time.perf_counter() - start)
        found.append(pool.sections)
    sections = [
        [statistics.median(each) for each in zip(*section, strict=True)]
        for section in zip(*found, strict=True)
    ]
    print(json.dumps({"step": statistics.median(steps), "sections": sections}))


if __name__ == "__main__":
    main()
