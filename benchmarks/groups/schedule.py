"""How many threads a training step could use, by a simulation of its pieces."""

from __future__ import annotations

import heapq
import json
import os
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.measure import ROOT, Settings, take_turns
from benchmarks.peers import OURS
from benchmarks.report import Report
from benchmarks.worker import Job
from benchmarks.works import WORKS, Work

_THREADS = (2, 4, 8, 16)

Sections = Sequence[Sequence[float]]
"""Seconds of the pieces of each section that runs on several threads."""


def simulate(settings: Settings) -> Report:
    """Speed of steps on several threads, of that on one.

    The pieces are measured on one thread.  "Without waiting" threads take the next piece at once;
    otherwise they lose as much time in each section as makes the simulation of two threads equal to
    the measurement.  More threads would share caches and memory, which is not simulated.
    """
    columns = ("network", "sections", "serial", "2 measured", *(f"{n} threads" for n in _THREADS))
    report = Report("train/schedule", (*columns, *(f"{n} without waiting" for n in _THREADS)))
    for work in WORKS[:1] if settings.quick else WORKS:
        _row(report, work, settings)
    return report


def _row(report: Report, work: Work, settings: Settings) -> None:
    job = Job(OURS, "train", work, 2)
    (two,) = take_turns([job], settings)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.schedule", work.name],
        cwd=ROOT,
        env={**os.environ, "DLRUN_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    step, sections = found["step"], found["sections"]
    lost = two.median - scheduled(step, sections, 2)
    waiting = max(0.0, lost / len(sections)) if sections else 0.0
    real = [step / scheduled(step, sections, n, waiting) for n in _THREADS]
    ideal = [step / scheduled(step, sections, n) for n in _THREADS]
    serial = 1 - sum(map(sum, sections)) / step
    report.rows.append(
        (
            work.name,
            f"{len(sections)}",
            f"{serial:.0%}",
            f"{step / two.median:.2f}",
            *(f"{each:.2f}" for each in (*real, *ideal)),
        )
    )
    report.data.append(
        {
            "work": work.name,
            "step": step,
            "two_threads": two.median,
            "sections": len(sections),
            "serial": serial,
            "waiting": waiting,
            "threads": _THREADS,
            "speed": real,
            "without_waiting": ideal,
        }
    )


def scheduled(step: float, sections: Sections, threads: int, waiting: float = 0.0) -> float:
    """Seconds of a step on several threads, each of which takes the next piece when it is free.

    Args:
        step: seconds of the step on one thread.
        sections: seconds of the pieces of its sections.
        threads: their number.
        waiting: seconds that threads lose in every section until all have begun and ended.
    """
    serial = step - sum(map(sum, sections))
    return serial + sum(_longest(each, threads) + waiting for each in sections)


def _longest(pieces: Sequence[float], threads: int) -> float:
    """Seconds until all pieces are done."""
    free = [0.0] * threads
    for piece in pieces:
        heapq.heappush(free, heapq.heappop(free) + piece)
    return max(free)
