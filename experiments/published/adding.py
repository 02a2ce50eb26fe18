"""The adding problem with the sequences of its first paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]


def sequences(samples: int, steps: int, seed: int) -> tuple[Numbers, Numbers]:
    """Draw sequences of pairs, (samples, 1.1 steps, 2), and their targets, (samples, 1).

    A sequence has ``steps`` to 1.1 ``steps`` pairs of a number, uniform in -1 to 1, and a mark, and
    then zeros.  The mark is 1 at one of the first ten pairs and at one other of the first steps / 2
    - 1, -1 at both ends, and 0 elsewhere.  The target is the sum of the two numbers with mark 1,
    scaled to 0 to 1; a marked first number is 0.  Hochreiter & Schmidhuber, "Long short-term
    memory", Neural Computation 9, 1997, section 5.4.
    """
    random = np.random.default_rng(seed)
    longest = steps + steps // 10
    lengths = random.integers(steps, longest + 1, samples)
    pairs = np.zeros((samples, longest, 2))
    pairs[:, :, 0] = random.uniform(-1.0, 1.0, (samples, longest))
    pairs[np.arange(longest) >= lengths[:, None]] = 0.0
    first = random.integers(0, 10, samples)
    second = random.integers(0, steps // 2 - 2, samples)
    second += second >= first
    rows = np.arange(samples)
    pairs[rows, 0, 1] = pairs[rows, lengths - 1, 1] = -1.0
    pairs[rows, first, 1] = pairs[rows, second, 1] = 1.0
    pairs[pairs[:, 0, 1] == 1.0, 0, 0] = 0.0
    total = pairs[rows, first, 0] + pairs[rows, second, 0]
    return pairs.astype(np.float32), (0.5 + total / 4.0).astype(np.float32)[:, None]
