"""A process that trains twice and measures the memory of the second training.

``python -m benchmarks.resident SMALL SPEC RUNS`` trains SMALL with ``dlrun train``, after which
everything is imported that a training imports, pictures included, and then SPEC.  It prints the
resident bytes between the two and the peak after that, as JSON; see proc(5) for the source of both.
Linux only.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from dlrun.cli.app import run


def main() -> int:
    """Train both; returns the exit code of the first that failed, or 0."""
    small, spec, runs = sys.argv[1:]
    if code := _train(small, runs):
        return code
    gc.collect()
    before = resident()
    restart_peak()
    if code := _train(spec, runs):
        return code
    print(json.dumps({"before": before, "peak": peak()}))
    return 0


def resident() -> int:
    """Bytes of this process in memory."""
    return _bytes("VmRSS")


def peak() -> int:
    """Largest number of them so far, or since ``restart_peak``."""
    return _bytes("VmHWM")


def restart_peak() -> None:
    """Make the peak the present number of bytes."""
    Path("/proc/self/clear_refs").write_text("5")


def _train(spec: str, runs: str) -> int:
    return run(["train", spec, "--runs", runs, "--quiet"])


def _bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
