"""Comparisons in which every side has its own learning rate."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from experiments.lab import Lab, Trained
from experiments.own_rate import SEED, best_rates, with_own_rates

SPEC = """\
name: tiny
params: {units: 2, rate: 0.1}
data:
  source: {csv: {path: points.csv, target: y}}
  split: {validation: 0.3}
model: [{dense: "${units}"}, relu, {dense: 1}]
loss: mse
optimizer: {sgd: {lr: "${rate}"}}
epochs: 2
"""
SWEEP = """\
name: widths
spec: tiny.yaml
objective: {minimize: validation.loss}
search: grid
space:
  params.units: [2, 3]
  params.rate: [1.0e-9, 0.001]
"""


def trained(seed: int, rate: float, *costs: float) -> Trained:
    settings = {"seed": seed, "rate": rate, "width": {"units": 2}}
    failed = "" if costs else "diverged"
    return Trained(settings, 0, dict(zip("ab", costs, strict=False)), 1, None, failed)


def test_seeds_are_averaged_and_the_second_number_decides_between_equal_means() -> None:
    runs = [
        trained(0, 0.3, 1, 5), trained(1, 0.3, 3, 5),
        trained(0, 0.1, 2, 6), trained(1, 0.1, 2, 2),
        trained(0, 0.5, 0, 0), trained(1, 0.5),
    ]  # fmt: skip

    def cost(run: Trained) -> tuple[float, ...]:
        return run.scores["a"], run.scores["b"]

    failed = (math.inf, math.inf)
    assert best_rates(runs, "rate", cost, failed) == [({"width": {"units": 2}}, 0.1)]
    assert best_rates(runs[:2] + runs[4:], "rate", cost, failed)[0][1] == 0.3
    assert best_rates(runs, "rate", cost, (0.0, 0.0))[0][1] == 0.5


@pytest.mark.slow
def test_every_side_is_trained_at_its_rate_with_each_new_seed(tmp_path: Path) -> None:
    rows = "".join(f"{x / 30},{x / 15}\n" for x in range(30))
    (tmp_path / "points.csv").write_text(f"x,y\n{rows}")
    (tmp_path / "tiny.yaml").write_text(SPEC)
    (tmp_path / "widths.yaml").write_text(SWEEP)
    lab = Lab(tmp_path, tmp_path / "work", tmp_path, quick=True, jobs=1)
    found = with_own_rates(
        lab,
        "widths.yaml",
        "params.rate",
        lambda run: (-run.settings["params.rate"] * run.settings["params.units"],),
        params={"units": 9, "rate": 9.0},
        seeds=[7, 8],
        choice={"name": "choice"},
        new={"name": "new"},
    )
    assert [(side.settings, side.rate) for side in found] == [
        ({"params.units": 2}, 0.001),
        ({"params.units": 3}, 0.001),
    ]
    for units, side in zip((2, 3), found, strict=True):
        assert [run.settings["seed"] for run in side.runs] == [7, 8]
        assert all(run.settings["params"] == {"units": units, "rate": 0.001} for run in side.runs)
        losses = side.scores("validation.loss", math.nan)
        assert losses == [run.scores["validation.loss"] for run in side.runs]
        assert losses[0] != pytest.approx(losses[1])
    chosen_by = list((tmp_path / "work" / "studies" / "choice" / "trials").glob("*/resolved.yaml"))
    assert len(chosen_by) == 4
    assert all(f"\nseed: {SEED}\n" in path.read_text() for path in chosen_by)
