"""The memory of training steps, compared with that of PyTorch."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

from benchmarks.measure import ROOT, Settings
from benchmarks.peers import EAGER, OURS
from benchmarks.report import Report
from benchmarks.works import WORKS, Work

UNAVAILABLE = 3
"""Exit code of ``benchmarks.peer_memory`` without the library."""


def measure(settings: Settings) -> Report:
    """Peak resident memory of 20 steps: of the process, and of it what the network needs.

    In each round every library trains every network once, in a process of its own.
    """
    columns = ("network, peer", "process", "for the network", "min - max", "of torch")
    report = Report("memory/peers", columns)
    for work in WORKS[:1] if settings.quick else WORKS:
        peers = (OURS, *(EAGER if work.convolutional else EAGER[:1]))
        found: dict[str, list[tuple[int, int]]] = {peer: [] for peer in peers}
        for number in range(settings.rounds):
            start = number % len(peers)
            for peer in peers[start:] + peers[:start]:
                if (used := _used(peer, work)) is not None:
                    found[peer].append(used)
        _rows(report, work, {peer: each for peer, each in found.items() if each})
    return report


def _used(peer: str, work: Work) -> tuple[int, int] | None:
    """Bytes at the peak and before it; None if the library cannot train it here.

    Raises:
        CalledProcessError: the training failed.
    """
    threads = dict.fromkeys(("DLRUN_THREADS", "OMP_NUM_THREADS"), "2")
    # Large arrays are returned to the system when they are freed, and not kept for later ones.
    returning = {"MALLOC_MMAP_THRESHOLD_": str(2**17)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peer_memory", peer, work.name],
        cwd=ROOT,
        env={**os.environ, **threads, **returning},
        stdout=subprocess.PIPE,
    )
    if done.returncode == UNAVAILABLE:
        return None
    done.check_returncode()
    found = json.loads(done.stdout)
    return found["peak"], found["before"]


def _rows(report: Report, work: Work, found: dict[str, list[tuple[int, int]]]) -> None:
    more = {peer: [peak - before for peak, before in each] for peer, each in found.items()}
    middles = {peer: statistics.median(each) for peer, each in more.items()}
    eager = min((middles[peer] for peer in EAGER if peer in middles), default=None)
    for peer, each in found.items():
        process = statistics.median(peak for peak, _ in each)
        report.rows.append(
            (
                f"{work.name} {peer}",
                f"{process / 2**20:.0f} MiB",
                f"{middles[peer] / 2**20:.1f} MiB",
                f"{min(more[peer]) / 2**20:.1f} - {max(more[peer]) / 2**20:.1f} MiB",
                f"{middles[peer] / eager:.2f}" if eager else "",
            )
        )
        peaks, before = zip(*each, strict=True)
        report.data.append({"work": work.name, "peer": peer, "peaks": peaks, "before": before})
