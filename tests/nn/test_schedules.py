"""Schedules: the factor at every step of a run."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun import catalog
from dlrun.nn.schedules.base import Schedule
from dlrun.nn.schedules.constant import Constant
from dlrun.nn.schedules.cosine import Cosine
from dlrun.nn.schedules.cyclic import Cyclic
from dlrun.nn.schedules.exponential import Exponential
from dlrun.nn.schedules.linear import Linear
from dlrun.nn.schedules.multi_step import MultiStep
from dlrun.nn.schedules.one_cycle import OneCycle
from dlrun.nn.schedules.polynomial import Polynomial
from dlrun.nn.schedules.reduce_on_plateau import ReduceOnPlateau
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


EVERY: list[Schedule] = [
    *(Constant(), StepDecay(every=3), MultiStep(epochs=(2, 5)), Exponential(), Linear(final=0.2)),
    *(
        Polynomial(),
        Cosine(),
        Cosine(period=1.5, stretch=1.3),
        OneCycle(),
        OneCycle(shape="linear"),
    ),
    *(Cyclic(period=2.5), Cyclic(shrink=0.5, rise=0.2), ReduceOnPlateau()),
]
every_schedule = pytest.mark.parametrize(
    "schedule", EVERY, ids=[f"{schedule.kind}-{n}" for n, schedule in enumerate(EVERY)]
)


def test_every_schedule_is_here() -> None:
    catalog.load()
    assert {schedule.kind for schedule in EVERY} == set(Schedule.family)


@every_schedule
def test_warm_up_rises_in_a_line_to_where_the_schedule_begins(schedule: Schedule) -> None:
    warm = schedule.model_copy(update={"warmup": 2.0})
    factors = curve(warm)
    first = schedule.factor(0, STEPS, EPOCHS)
    assert factors[:20] == pytest.approx([first * (step + 1) / 20 for step in range(20)])
    assert factors[20] == first
    # From there on it is the schedule of a run that is two epochs shorter.
    shorter = [schedule.factor(step, STEPS, EPOCHS - 2) for step in range(STEPS * (EPOCHS - 2))]
    assert factors[20:] == pytest.approx(shorter, rel=1e-9, abs=1e-12)


@every_schedule
@given(step=st.integers(0, 500), steps=st.integers(1, 40), epochs=st.integers(1, 20))
def test_a_factor_is_a_share_wherever_the_run_stands(
    schedule: Schedule, step: int, steps: int, epochs: int
) -> None:
    factor = schedule.factor(step, steps, epochs)
    assert 0.0 <= factor <= 1.0 + 1e-12
    assert factor == schedule.factor(step, steps, epochs)


def test_a_restart_begins_at_the_full_rate() -> None:
    factors = curve(Cosine(period=2, stretch=2))
    starts = [step for step, factor in enumerate(factors) if factor == 1.0]
    assert starts == [0, 20, 60]


def test_one_cycle_has_its_peak_where_it_says() -> None:
    factors = curve(OneCycle(peak=0.25, div=10))
    assert factors[0] == pytest.approx(0.1)
    assert factors.index(max(factors)) == 20
    assert factors[20] == 1.0
    assert factors[-1] < 0.001


def test_each_cycle_may_be_lower_than_the_one_before() -> None:
    factors = curve(Cyclic(period=4, low=0.2, shrink=0.5))
    assert [factors[step] for step in (0, 20, 40, 60)] == pytest.approx([0.2, 1.0, 0.2, 0.6])


def test_cosine_reaches_its_end_at_the_end_of_the_run_also_behind_a_warm_up() -> None:
    assert Cosine(warmup=2).factor(80, STEPS, EPOCHS) == pytest.approx(0.0, abs=1e-12)


def test_a_fraction_of_an_epoch_is_a_warm_up_too() -> None:
    assert curve(Constant(warmup=0.3))[:4] == pytest.approx([1 / 3, 2 / 3, 1, 1])


def test_a_warm_up_longer_than_the_run_never_gets_there() -> None:
    assert max(curve(Cosine(warmup=100))) < 0.1
