"""Machine code for portable numerics has no instruction whose result depends on the processor."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlrun import portable

# Layer normalization divides by a square root.
PROGRAM = """
import re
from numba.core.dispatcher import Dispatcher
import dlrun
from dlrun.nn.kernels.compiled import sample_norm

dlrun.train({
    "name": "small",
    "data": {"source": {"blobs": {"samples": 40}}, "split": {"validation": 0.25}},
    "model": [{"dense": 8}, "layer_norm", "relu", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "epochs": 1,
}, runs="runs")
found = set()
for kernel in vars(sample_norm).values():
    if isinstance(kernel, Dispatcher):
        for assembly in kernel.inspect_asm().values():
            found |= set(re.findall(r"v?r(?:cp|sqrt)[ps]s|zmm", assembly))
print(*sorted(found))
"""


def approximations(folder: Path, **variables: str) -> list[str]:
    """The approximate instructions and wide registers in the code of layer normalization."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=folder,
        env={**variables, "DLRUN_CACHE": str(folder / "cache"), "DLRUN_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="needs Numba")
def test_portable_code_approximates_nothing(tmp_path: Path) -> None:
    pinned = portable.environment({**os.environ, "DLRUN_KERNELS": "numba"})
    assert approximations(tmp_path, **pinned) == []
    other = {**pinned, "OPENBLAS_NUM_THREADS": "2"}  # so it is a native process, for x86-64-v3
    assert "vrsqrtss" in approximations(tmp_path, **other)
