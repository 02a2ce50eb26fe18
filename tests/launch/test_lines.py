from __future__ import annotations

from pathlib import Path

from dlrun.launch.lines import Lines
from dlrun.run_directory.ending import Ending
from dlrun.training.events import EpochEnded, RunEnded, RunStarted, StepEnded
from dlrun.training.restarts import Restart

STARTED = RunStarted("digits", 60, 18, {"train": 1149, "test": 1}, 12345, "validation.loss", 8)
ROW = {
    "epoch": 3,
    "step": 54,
    "seconds": 0.81,
    "lr": 0.001,
    "train.loss": 0.12344,
    "validation.loss": 0.1301,
    "validation.accuracy": 0.9612,
}


def test_the_lines_of_a_run() -> None:
    lines = Lines(Path("runs/digits/1"))
    assert lines(STARTED) == [
        "digits  12,345 parameters  samples: train 1,149, test 1",
        "60 epochs of 18 steps  best by validation.loss  patience 8",
        "run directory  runs/digits/1",
    ]
    assert lines(StepEnded(1, 1, 0.5)) == []
    scores = "train.loss 0.1234  validation.loss 0.1301  validation.accuracy 0.9612"
    assert lines(EpochEnded(3, ROW, True, 3, 0.1301, 8)) == [
        f"epoch  3/60  {scores}  lr 0.001  0.8s  best"
    ]
    assert lines(EpochEnded(3, ROW, False, 2, 0.1299, 7)) == [
        f"epoch  3/60  {scores}  lr 0.001  0.8s"
    ]
    assert lines(
        RunEnded(
            "completed", Ending("epochs", 1), "all epochs are done", 1, 2, {"test.loss": 0.5}, 61.0
        )
    ) == [
        "completed after 1 epoch and 1m01s: all epochs are done",
        "best epoch 2  validation.loss 0.1299",
        "final  test.loss 0.5000",
        "run directory  runs/digits/1",
    ]


def test_a_run_that_ends_before_its_first_epoch() -> None:
    lines = Lines(Path("r"))
    lines(STARTED)
    assert lines(
        RunEnded("diverged", Ending("diverged"), "the loss became nan", 0, 0, {}, 0.5)
    ) == [
        "diverged after 0 epochs and 0.5s: the loss became nan",
        "run directory  r",
    ]


def test_the_last_lines_say_that_training_was_restarted() -> None:
    restarts = (Restart("a", 0, 0.5), Restart("b", 4, 0.25), Restart("c", 4, 0.125))
    ended = RunEnded("completed", Ending("epochs", 6), "done", 6, 4, {}, 1.0, restarts=restarts)
    assert Lines(Path("r"))(ended)[0] == (
        "completed after 6 epochs and 1.0s, with 3 restarts after divergence "
        "(from the initial weights, epoch 4; 0.125 times the learning rate): done"
    )


def test_lines_are_safe_to_print() -> None:
    assert "safe\\x1b" in Lines(Path("safe\x1b"))(STARTED)[-1]
