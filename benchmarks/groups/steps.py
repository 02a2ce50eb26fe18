"""Training steps and predictions of every network, with every library and number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from benchmarks.measure import Outcome, Settings, available_threads, take_turns
from benchmarks.peers import EAGER, OURS, peers_of
from benchmarks.report import Report, duration, ratio, spread
from benchmarks.verify import LEARN_STEPS, faults_of
from benchmarks.worker import CURVE, Job
from benchmarks.works import Work

PREDICTED = (1, 256)
"""Samples in a prediction: one that waits, and many."""


def train(work: Work, settings: Settings) -> Report:
    """Forward, loss, backward and Adam on a batch."""
    columns = ("threads, peer", "a step", "min - max", "vs. eager torch", "of peak")
    report = Report(f"train/{work.name}", columns)
    for threads in available_threads():
        _compare(report, "train", work, threads, settings)
    return report


def predict(work: Work, settings: Settings) -> Report:
    """Outputs of a batch in evaluation mode."""
    columns = ("batch, threads, peer", "a prediction", "min - max", "vs. eager torch", "of peak")
    report = Report(f"predict/{work.name}", columns)
    for batch in PREDICTED:
        for threads in available_threads():
            _compare(report, "predict", replace(work, batch=batch), threads, settings)
    return report


def _compare(
    report: Report, task: Literal["train", "predict"], work: Work, threads: int, settings: Settings
) -> None:
    learn = LEARN_STEPS if task == "train" else CURVE
    jobs = [Job(peer, task, work, threads, learn) for peer in peers_of(work)]
    outcomes = take_turns(jobs, settings)
    eager = best_eager(outcomes)
    for outcome in outcomes:
        peer = outcome.job.peer
        label = f"{threads} {peer}" if task == "train" else f"{work.batch} {threads} {peer}"
        if outcome.failed:
            report.rows.append((label, "-"))
            report.notes.append(f"{label}: {outcome.failed.reason}")
            if not outcome.failed.unavailable:
                report.faults.append(f"{label} failed")
        else:
            report.faults += [
                f"{label}: {fault}" for fault in faults_of(outcome, outcomes, task == "train")
            ]
            report.rows.append((label, *_cells(outcome, eager)))
        report.data.append(record(outcome, eager))


def _cells(outcome: Outcome, eager: Outcome | None) -> list[str]:
    cells = [duration(outcome.median), spread(outcome.seconds), ""]
    if eager is not None:
        middle, least, greatest = ratio(outcome.seconds, eager.seconds)
        cells[-1] = f"{middle:.2f} ({least:.2f} - {greatest:.2f})"
    cells.append(f"{share:.0%}" if (share := share_of_peak(outcome)) is not None else "")
    return cells


def best_eager(outcomes: Sequence[Outcome]) -> Outcome | None:
    """PyTorch in the faster of its two memory formats."""
    eager = [o for o in outcomes if o.job.peer in EAGER and not o.failed]
    return min(eager, key=lambda outcome: outcome.median, default=None)


def share_of_peak(outcome: Outcome) -> float | None:
    """Speed of the matrix multiplications, as a fraction of a large one's; ours only."""
    job = outcome.job
    if job.peer != OURS or not outcome.peaks:
        return None
    train = job.task == "train"
    flops = job.work.training_flops() if train else job.work.prediction_flops()
    return flops / outcome.median / max(outcome.peaks)


def record(outcome: Outcome, eager: Outcome | None) -> dict[str, Any]:
    """Everything about a job, for JSON."""
    job, ready = outcome.job, outcome.ready
    found: dict[str, Any] = {
        "peer": job.peer,
        "task": job.task,
        "work": job.work.name,
        "batch": job.work.batch,
        "threads": job.threads,
    }
    if outcome.failed or ready is None:
        return {**found, "failed": outcome.failed.reason if outcome.failed else ""}
    found |= {
        "version": ready.version,
        "median": outcome.median,
        "seconds": outcome.seconds,
        "losses": ready.losses,
    }
    if eager is not None:
        found["ratio"] = ratio(outcome.seconds, eager.seconds)
    if outcome.peaks:
        found |= {"sgemm_peak": max(outcome.peaks), "share_of_peak": share_of_peak(outcome)}
    return found
