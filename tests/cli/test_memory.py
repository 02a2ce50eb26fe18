"""A limit on memory that is too low to start."""

from __future__ import annotations

import resource
import subprocess
import sys


def test_too_little_memory_to_start_is_a_line() -> None:
    command = [sys.executable, "-m", "dlrun", "train", "spec.yaml"]
    size = 200_000 * 1024
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("not enough memory to start") and "raise ulimit -v" in line
