"""How the time of a training step grows with the size of the network and the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.groups.steps import best_eager, record
from benchmarks.measure import Outcome, Settings, available_threads, take_turns
from benchmarks.peers import EAGER, OURS
from benchmarks.report import Report, duration, ratio, spread
from benchmarks.verify import faults_of
from benchmarks.worker import Job
from benchmarks.works import Work, cnn_28, mlp


@dataclass(frozen=True, slots=True)
class Size:
    """A point of the sweep: one of these differs from the middle at a time."""

    batch: int
    width: int
    depth: int
    threads: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A kind of network, and the sizes that it is measured at.

    Attributes:
        name: of the network.
        make: the work of a size.
        middle: what all other axes stay at.
        values: of every axis.
    """

    name: str
    make: Callable[[Size], Work]
    middle: Size
    values: Mapping[str, Sequence[int]]

    def axis(self, name: str) -> list[Size]:
        """Sizes along an axis."""
        return [replace(self.middle, **{name: value}) for value in self.values[name]]


SWEEPS = (
    Sweep(
        "mlp",
        lambda size: mlp((784,), (size.width,) * size.depth, size.batch, "mlp"),
        Size(batch=64, width=128, depth=2, threads=1),
        {
            "batch": (16, 64, 256, 1024),
            "width": (32, 128, 512, 1024),
            "depth": (1, 2, 4, 8),
            "threads": available_threads(),
        },
    ),
    Sweep(
        "cnn-28",
        lambda size: cnn_28(size.width, size.depth, size.batch),
        Size(batch=64, width=16, depth=1, threads=1),
        {
            "batch": (16, 64, 256),
            "width": (8, 16, 32, 64),
            "depth": (1, 2, 3),
            "threads": available_threads(),
        },
    ),
)


def grow(sweep: Sweep, settings: Settings) -> Report:
    """Ours and eager PyTorch along every axis; with ``quick`` the ends of each."""
    columns = ("axis", "dlrun", "min - max", "growth", "eager torch", "growth", "ratio")
    report = Report(f"scaling/{sweep.name}", columns)
    for axis in sweep.values:
        sizes = sweep.axis(axis)
        if settings.quick:
            sizes = [sizes[0], sizes[-1]]
        points = [_measure(sweep.make(size), size.threads, settings) for size in sizes]
        for size, outcomes in zip(sizes, points, strict=True):
            _row(report, f"{axis} {getattr(size, axis)}", outcomes, points[0])
    return report


def _measure(work: Work, threads: int, settings: Settings) -> list[Outcome]:
    peers = (OURS, *(EAGER if work.convolutional else EAGER[:1]))
    return take_turns([Job(peer, "train", work, threads) for peer in peers], settings)


def _row(report: Report, label: str, outcomes: Sequence[Outcome], first: Sequence[Outcome]) -> None:
    failed = [o for o in outcomes if o.failed]
    for outcome in outcomes:
        peer = outcome.job.peer
        if outcome.failed:
            report.faults.append(f"{label}, {peer}: {outcome.failed.reason}")
        report.faults += [f"{label}, {peer}: {f}" for f in faults_of(outcome, outcomes, False)]
    eager, eager_first = best_eager(outcomes), best_eager(first)
    report.data += [{"axis": label, **record(outcome, eager)} for outcome in outcomes]
    if failed or eager is None or eager_first is None or first[0].failed:
        report.rows.append((label, "-"))
        return
    ours = outcomes[0]
    report.rows.append(
        (
            label,
            duration(ours.median),
            spread(ours.seconds),
            f"x {ours.median / first[0].median:.2f}",
            duration(eager.median),
            f"x {eager.median / eager_first.median:.2f}",
            f"{ratio(ours.seconds, eager.seconds)[0]:.2f}",
        )
    )
