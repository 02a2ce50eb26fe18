"""``numerics: portable`` on other processors, emulated with their own CPUID and instructions.

Variables can only make libraries choose other code; an emulator also rounds the approximations of
instructions such as ``rsqrtps`` as another processor may, and shows which ones are used.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from warm import environment

from dlrun import portable

QEMU = shutil.which("qemu-x86_64-static") or shutil.which("qemu-x86_64")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(QEMU is None, reason="no emulator of other processors is installed"),
]


@pytest.mark.parametrize("processor", ["Haswell-v4", "EPYC-Rome"])
def test_a_run_has_the_same_bits_on_an_emulated_processor(processor: str, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    x = random.standard_normal((96, 9, 8)).astype(np.float32)
    np.savez(tmp_path / "samples.npz", x=x, y=(x[:, 0, 0] > 0).astype(np.int64))
    spec = {
        "name": "emulated",
        "numerics": "portable",
        "data": {
            "source": {"npz": {"path": "samples.npz"}},
            "split": {"validation": 0.25},
            "preprocess": ["standardize"],
            "batch_size": 24,
        },
        "model": [
            {"multi_head_attention": {"heads": 2}},
            "layer_norm",
            "gelu",
            "flatten",
            {"dense": "${classes}"},
        ],
        "loss": "cross_entropy",
        "schedule": "cosine",
        "epochs": 2,
    }
    (tmp_path / "spec.yaml").write_text(json.dumps(spec))
    # A process that an emulated one starts would not be emulated, so all are pinned from the start.
    variables = portable.environment({**environment(), "DLRUN_KERNELS": "numba"})
    variables["DLRUN_THREADS"] = "1"
    assert QEMU is not None
    numbers = []
    for name, emulator in (("here", []), (processor, [QEMU, "-cpu", processor])):
        own = {"DLRUN_CACHE": str(tmp_path / name)} if emulator else {}  # it compiles there, too
        done = subprocess.run(
            [*emulator, sys.executable, "-m", "dlrun", "train", "spec.yaml", "-q", "--runs", name],
            cwd=tmp_path,
            env={**variables, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (run,) = (tmp_path / name).glob("emulated/*")
        rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
        seconds = rows[0].index("seconds")
        kept = [[*row[:seconds], *row[seconds + 1 :]] for row in rows]
        numbers.append((kept, (run / "checkpoints" / "last.safetensors").read_bytes()))
        assert bool(emulator) == (tmp_path / name / "kernels").is_dir()
    assert numbers[0] == numbers[1]
