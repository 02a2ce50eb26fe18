"""A kernel that was just compiled and one that was stored have the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

ROOT = Path(__file__).parents[3]

PROGRAM = """
import hashlib
import numpy as np
from dlrun.nn.kernels import numba_kernels
kernels = numba_kernels()
random = np.random.default_rng(0)
def normal(*shape):
    return random.standard_normal(shape, dtype=np.float32)
def show(*arrays):
    print(*(hashlib.sha256(each.tobytes()).hexdigest() for each in arrays))
scores, mask = normal(3, 2, 61, 61), np.ones((3, 61), np.float32)
for visible in (None, mask):
    weights = scores.copy()
    kernels.attention.attend(weights, 0.3, visible, False)
    slopes = normal(3, 2, 61, 61)
    kernels.attention.attend_backward(weights, 0.3, slopes)
    show(weights, slopes)
x, dx = normal(40, 67), np.empty((40, 67), np.float32)
loss = kernels.loss.softmax_cross_entropy(x, np.arange(40) % 67, dx)
print(loss)
show(dx)
"""


@pytest.mark.slow
def test_a_process_that_compiles_computes_what_later_ones_do(tmp_path: Path) -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONPATH": str(ROOT), "DLRUN_CACHE": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count("\n") == 4
