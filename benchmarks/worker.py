"""A process that runs one library on one network; ``measure`` starts it and gives it its turns.

Requests and replies are pickles on standard input and output.  The first request is the Job, the
first reply Ready or Failed; each later request is a number of seconds to measure for, and the
reply has the seconds per call.  The output of libraries goes to standard error.
"""

from __future__ import annotations

import math
import os
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.peers import OURS, load
from benchmarks.peers.peer import Peer, UnavailableError
from benchmarks.works import Array, Work, first_weights, samples

_BLOCK = 0.02
"""Seconds of a block, so that the time to read the clock and the last loss is negligible."""
CURVE = 5
"""Number of first steps whose losses must be equal in all libraries."""


@dataclass(frozen=True, slots=True)
class Job:
    """The task of a worker.

    Attributes:
        peer: a name that ``benchmarks.peers.load`` knows.
        task: measure steps of training, or predictions of a batch.
        work: the network.
        threads: number of threads, and of processors.
        learn: steps of training whose losses are reported, at least ``CURVE``.
    """

    peer: str
    task: Literal["train", "predict"]
    work: Work
    threads: int
    learn: int = CURVE


@dataclass(frozen=True, slots=True)
class Ready:
    """The library is ready, and this is what it computes.

    Attributes:
        version: of the library.
        losses: of the first steps of training; empty for predictions.
        curve: of the first ``CURVE`` steps without dropout.
        outputs: (batch, classes) of a prediction, or None.
    """

    version: str
    losses: tuple[float, ...] = ()
    curve: tuple[float, ...] = ()
    outputs: Array | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The library cannot do it: in principle (``unavailable``), or because of an error."""

    reason: str
    unavailable: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """The result of a round.

    Attributes:
        seconds: of a call; the median over blocks of calls.
        peak: of the machine in float32 operations per second; for ours only.
    """

    seconds: float
    peak: float | None


def main() -> None:
    """Serve the requests of standard input until it ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def reply(message: Ready | Failed | Turn) -> None:
        pickle.dump(message, replies)
        replies.flush()

    job: Job = pickle.load(sys.stdin.buffer)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-job.threads :])
    try:
        ready, call = _prepare(job)
    except UnavailableError as fault:
        reply(Failed(str(fault), unavailable=True))
        return
    except Exception as fault:
        reply(Failed(f"{type(fault).__name__}: {fault}", unavailable=False))
        raise
    reply(ready)
    while True:
        try:
            seconds: float = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        peak = _peak(job.threads) if job.peer == OURS else None
        reply(Turn(_turn(call, seconds), peak))


def _prepare(job: Job) -> tuple[Ready, Callable[[int], object]]:
    peer, work, weights = load(job.peer), job.work, first_weights(job.work)
    inputs, classes = samples(work)
    if job.task == "predict":
        predict = peer.predictor(work, weights, inputs)
        return Ready(peer.version, outputs=predict(1)), predict
    train = peer.trainer(work, weights, inputs, classes)
    losses = tuple(train(1) for _ in range(job.learn))
    curve = _curve(peer, work) if work.has_dropout else losses[:CURVE]
    return Ready(peer.version, losses, curve), train


def _curve(peer: Peer, work: Work) -> tuple[float, ...]:
    calm = work.without_dropout()
    train = peer.trainer(calm, first_weights(calm), *samples(calm))
    return tuple(train(1) for _ in range(CURVE))


def _turn(call: Callable[[int], object], seconds: float) -> float:
    """Median seconds of a call, after warming up caches and threads for a fifth of the time."""
    calls, spent = 1, _time(call, 1)
    end = time.perf_counter() + seconds / 5
    while time.perf_counter() < end:
        calls = max(1, math.ceil(_BLOCK / spent))
        spent = _time(call, calls) / calls
    blocks: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(blocks) < 3:
        blocks.append(_time(call, calls) / calls)
    return sorted(blocks)[len(blocks) // 2]


def _time(call: Callable[[int], object], calls: int) -> float:
    start = time.perf_counter()
    call(calls)
    return time.perf_counter() - start


def _peak(threads: int) -> float:
    """Operations per second of a large matrix multiplication by BLAS with these threads."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    n = 2048
    a = np.random.default_rng(0).standard_normal((n, n), dtype=np.float32)
    out = np.empty_like(a)
    with threadpool_limits(threads, "blas"):
        best = min(_time(lambda _: np.matmul(a, a, out=out), 1) for _ in range(5))
    return 2 * n**3 / best


if __name__ == "__main__":
    # A pickle names classes by module; here they must not be those of __main__.
    from benchmarks import worker

    worker.main()
