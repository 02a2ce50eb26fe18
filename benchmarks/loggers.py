"""What all loggers together cost a training: ``python -m benchmarks.loggers [EPOCHS] [ROUNDS]``.

The same training with and without loggers, by turns, while the processes of the loggers run on the
same processors.  ``epochs`` are the wall seconds from the first event of the training to its last,
``processor`` the processor seconds of the training's own process in that time, and ``whole`` the
wall seconds from the spec to the end of the wait for the loggers: what they need for their imports
is paid there, when the training no longer needs the processors.  ``calls`` is the time that the
training spends on its loggers per epoch, and ``libraries`` the processor time of the loggers'
processes per training.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from dlrun.launch.logging import Log
from dlrun.launch.start import start
from dlrun.training.events import EpochEnded, Event, RunStarted

LOG: list[Any] = ["tensorboard", {"mlflow": {"uri": "sqlite:///mlflow.db"}}, "trackio", "wandb"]


class Seconds(NamedTuple):
    """How long a training took, and its parts."""

    epochs: float
    processor: float
    whole: float


def spec(epochs: int, log: list[Any]) -> dict[str, Any]:
    return {
        "name": "digits",
        "data": {"source": "digits", "split": {"validation": 0.2}, "batch_size": 32},
        "model": [
            "flatten",
            {"dense": 512},
            "relu",
            {"dense": 512},
            "relu",
            {"dense": "${classes}"},
        ],
        "loss": "cross_entropy",
        "metrics": ["accuracy"],
        "epochs": epochs,
        "log": log,
    }


def seconds(folder: Path, epochs: int, log: list[Any]) -> Seconds:
    """Train, and wait for the loggers."""
    entered = began = time.perf_counter()
    processor = 0.0
    with start(spec(epochs, log), runs=folder) as training:
        for event in training.events():
            if isinstance(event, RunStarted):
                began, processor = time.perf_counter(), time.process_time()
        ended, used = time.perf_counter(), time.process_time()
        for warning in training.finish(pictures=False):
            print(warning)
    return Seconds(ended - began, used - processor, time.perf_counter() - entered)


def main(epochs: int, rounds: int) -> None:
    calls: list[float] = []
    original = Log.__call__

    def timed(self: Log, event: Event) -> None:
        began = time.perf_counter()
        original(self, event)
        if isinstance(event, EpochEnded):
            calls.append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TRACKIO_DIR"] = str(folder / "trackio")
        os.chdir(folder)
        seconds(folder, 1, LOG)  # makes the tables of MLflow's database
        Log.__call__ = timed  # type: ignore[method-assign]
        ratios: list[list[float]] = [[] for _ in Seconds._fields]
        children = os.times()
        for _ in range(rounds):
            without = seconds(folder, epochs, [])
            calls.clear()
            with_all = seconds(folder, epochs, LOG)
            for found, one, other in zip(ratios, with_all, without, strict=True):
                found.append(one / other)
            print(f"without: {shown(without)}; with: {shown(with_all)}", flush=True)
        now = os.times()
        used = now.children_user + now.children_system
        used -= children.children_user + children.children_system
        for name, found in zip(Seconds._fields, ratios, strict=True):
            print(f"{name} {statistics.median(found):.3f} ({min(found):.3f} - {max(found):.3f})")
        print(f"libraries {used / rounds:.1f} s per training")
        print(f"calls {1e6 * statistics.median(calls):.0f} us per epoch")


def shown(found: Seconds) -> str:
    return ", ".join(f"{name} {value:.2f} s" for name, value in found._asdict().items())


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    main(*arguments, *[100, 5][len(arguments) :])
