"""What is known of scores before a study has trained anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlrun.experiment.compile import compile_spec
from dlrun.intervals import Scale, estimate
from dlrun.study.store.scales import scales


def test_accuracies_have_two_ends_and_losses_one(spec: Callable[..., Path]) -> None:
    found = scales(compile_spec(spec()))
    assert found["validation.accuracy"] == Scale(0.0, 1.0, 1 / 22)
    assert found["validation.loss"] == found["test.loss"] == Scale(0.0)


def test_the_interval_of_a_loss_does_not_go_below_0(spec: Callable[..., Path]) -> None:
    scale = scales(compile_spec(spec()))["validation.loss"]
    found = estimate([0.2, 0.25], of=scale)
    assert found.low == 0.0 and found.high is not None and found.high > 0.25
