"""Every schedule that torch has, too, over a whole run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

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

STEPS, EPOCHS = 7, 24
ALL = STEPS * EPOCHS

Peer = Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]


def one_cycle(shape: str, peak: float) -> Peer:
    # torch ends its run at the last step, ours behind it, and counts its peak from step 1.
    return lambda o: lr_scheduler.OneCycleLR(
        o,
        max_lr=1.0,
        total_steps=ALL + 1,
        pct_start=(peak * ALL + 1) / (ALL + 1),
        anneal_strategy="cos" if shape == "cosine" else "linear",
        div_factor=20.0,
        final_div_factor=500.0,
        cycle_momentum=False,
    )


def cyclic(up: int, down: int, mode: Any) -> Peer:
    return lambda o: lr_scheduler.CyclicLR(
        o, 0.05, 1.0, step_size_up=up, step_size_down=down, mode=mode, cycle_momentum=False
    )


PEERS: list[tuple[Schedule, Peer]] = [
    (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    (StepDecay(every=5, gamma=0.3), lambda o: lr_scheduler.StepLR(o, 5 * STEPS, 0.3)),
    (
        MultiStep(epochs=(3, 11, 12), gamma=0.4),
        lambda o: lr_scheduler.MultiStepLR(o, [3 * STEPS, 11 * STEPS, 12 * STEPS], 0.4),
    ),
    (Exponential(gamma=0.8), lambda o: lr_scheduler.ExponentialLR(o, 0.8 ** (1 / STEPS))),
    (Linear(final=0.2), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, ALL)),
    (Polynomial(power=1.7), lambda o: lr_scheduler.PolynomialLR(o, ALL, 1.7)),
    (Cosine(final=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, ALL, 0.1)),
    (
        Cosine(final=0.1, period=4),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 4 * STEPS, 1, 0.1),
    ),
    (
        Cosine(final=0.1, period=2, stretch=3),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2 * STEPS, 3, 0.1),
    ),
    (OneCycle(peak=0.25, div=20, final_div=500), one_cycle("cosine", 0.25)),
    (OneCycle(peak=0.4, div=20, final_div=500, shape="linear"), one_cycle("linear", 0.4)),
    (Cyclic(period=6, low=0.05), cyclic(3 * STEPS, 3 * STEPS, "triangular")),
    (Cyclic(period=6, low=0.05, rise=1 / 3), cyclic(2 * STEPS, 4 * STEPS, "triangular")),
    (Cyclic(period=4, low=0.05, shrink=0.5), cyclic(2 * STEPS, 2 * STEPS, "triangular2")),
]


@pytest.mark.parametrize(
    ("schedule", "peer"), PEERS, ids=[f"{each.kind}-{n}" for n, (each, _) in enumerate(PEERS)]
)
def test_every_step_of_a_run_has_torchs_rate(schedule: Schedule, peer: Peer) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = peer(optimizer)
    theirs = []
    for _ in range(ALL):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    ours = [schedule.factor(step, STEPS, EPOCHS) for step in range(ALL)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)
    assert type(schedule) is Constant or len(set(np.round(ours, 9))) > 3


FRACTIONS = [
    (steps, period, stretch)
    for steps in (10, 20, 50)
    for period in (0.1, 0.3, 0.7, 1.1, 1.9, 2.3)
    for stretch in (1, 2)
]


@pytest.mark.parametrize(("steps", "period", "stretch"), FRACTIONS)
@pytest.mark.parametrize("warmup", [0.0, 0.3])
def test_a_period_of_part_of_an_epoch_restarts_at_torchs_step(
    steps: int, period: float, stretch: int, warmup: float
) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, round(period * steps), stretch)
    ours = Cosine(period=period, stretch=stretch, warmup=warmup)
    for step in range(1000):
        theirs = optimizer.param_groups[0]["lr"]
        found = ours.factor(step + round(warmup * steps), steps, 200)
        assert found == pytest.approx(theirs, abs=1e-9), step
        assert found > 0
        optimizer.step()
        scheduler.step()


def test_a_cycle_of_part_of_an_epoch_shrinks_at_its_low() -> None:
    rule = Cyclic(period=1.1, low=0.1, shrink=0.5)
    up = [rule.factor(step, 10, 50) for step in range(500)]
    for number in range(45):
        assert up[11 * number] == pytest.approx(0.1, abs=1e-12)
        # A step after the low the rate is a fifth of a half period up.
        assert up[11 * number + 1] == pytest.approx(0.1 + 0.9 * 0.5**number / 5.5, rel=1e-9)


@pytest.mark.parametrize("warmup", [3.0, 2.5])
def test_a_plateau_begins_after_the_warm_up(warmup: float) -> None:
    plateau = ReduceOnPlateau(gamma=0.5, patience=2, warmup=warmup).plateau("min")
    factors = []
    for epoch in range(1, 8):
        plateau.record(epoch, 1.0)
        factors.append(plateau.factor)
    assert factors == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize(
    "rule",
    [
        ReduceOnPlateau(gamma=0.5, patience=3),
        ReduceOnPlateau(gamma=0.3, patience=2, min_delta=0.05, cooldown=3, final=0.02),
    ],
)
def test_a_plateau_is_what_torch_takes_for_one(rule: ReduceOnPlateau, mode: Any) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode,
        factor=rule.gamma,
        patience=rule.patience - 1,  # torch's is the epochs that do no harm
        threshold=rule.min_delta,
        threshold_mode="abs",
        cooldown=rule.cooldown,
        min_lr=rule.final,
        eps=0.0,
    )
    plateau = rule.plateau(mode)
    sign = 1 if mode == "min" else -1
    noise = np.random.default_rng(4).normal(size=120)
    rates = set()
    for epoch in range(120):
        value = float(sign * (np.exp(-epoch / 15) + 0.05 * noise[epoch]))
        scheduler.step(value)
        plateau.record(epoch + 1, value)
        assert plateau.factor == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        rates.add(plateau.factor)
    assert len(rates) > 3
