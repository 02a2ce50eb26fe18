"""Schedules: the factor at every step of a run."""

from __future__ import annotations

import math

import pytest

from dlrun.nn.schedule import Schedule
from dlrun.nn.schedules.constant import Constant
from dlrun.nn.schedules.cosine import Cosine
from dlrun.nn.schedules.step import StepDecay

STEPS, EPOCHS = 10, 8


def curve(schedule: Schedule) -> list[float]:
    return [schedule.factor(step, STEPS, EPOCHS) for step in range(STEPS * EPOCHS)]


def test_constant() -> None:
    assert curve(Constant()) == [1.0] * 80


def test_step_drops_between_epochs() -> None:
    factors = curve(StepDecay(every=3, gamma=0.5))
    assert factors == [1.0] * 30 + [0.5] * 30 + [0.25] * 20


def test_cosine_falls_from_one_to_its_final_share() -> None:
    factors = curve(Cosine(final=0.1))
    assert factors[0] == 1.0
    assert factors[40] == pytest.approx(0.55)
    assert factors == sorted(factors, reverse=True)
    last = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * 79 / 80))
    assert factors[-1] == pytest.approx(last)


@pytest.mark.parametrize("schedule", [Constant(warmup=2), StepDecay(warmup=2), Cosine(warmup=2)])
def test_warm_up_rises_in_a_line_to_the_full_rate(schedule: Schedule) -> None:
    factors = curve(schedule)
    assert factors[:20] == pytest.approx([(step + 1) / 20 for step in range(20)])
    assert factors[20] == 1.0
    assert all(0 <= factor <= 1 for factor in factors)


def test_cosine_reaches_its_end_at_the_end_of_the_run_also_behind_a_warm_up() -> None:
    assert Cosine(warmup=2).factor(80, STEPS, EPOCHS) == pytest.approx(0.0, abs=1e-12)


def test_a_fraction_of_an_epoch_is_a_warm_up_too() -> None:
    assert curve(Constant(warmup=0.3))[:4] == pytest.approx([1 / 3, 2 / 3, 1, 1])


def test_a_warm_up_longer_than_the_run_never_gets_there() -> None:
    assert max(curve(Cosine(warmup=100))) < 0.1
