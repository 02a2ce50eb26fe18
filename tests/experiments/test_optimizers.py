"""The experiment on optimizers: its measures, its sweeps, and that it runs and can be read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from quick_experiment import quick_run

from dlrun.study.sweep.compile import read_plan
from experiments.lab import Trained
from experiments.optimizers.speed import reached, step_seconds
from experiments.optimizers.surface import MINIMUM, RULES, START, best_path, end, gradient, height
from experiments.optimizers.tasks import (
    NAMES,
    OPTIMIZERS,
    TASKS,
    Setting,
    Trainings,
    optimizer_values,
    setting,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "optimizers"
SWEEPS = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_has_no_faults(sweep: Path) -> None:
    assert read_plan(sweep).sweep.name == sweep.stem


def test_every_task_has_its_sweep() -> None:
    assert {task.sweep for task in TASKS} == {path.stem for path in SWEEPS}


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda path: path.stem)
def test_fresh_seeds_have_the_optimizers_of_the_grid(sweep: Path) -> None:
    """Only the rate is filled in: momentum and weight decay are those of the sweep."""
    for given in read_plan(sweep).sweep.model_dump(mode="json")["space"]["optimizer"]:
        found = setting({"optimizer": given, "params.rate": 0.3})
        fields = optimizer_values(found)
        assert {kind: {**each, "lr": "${rate}"} for kind, each in fields.items()} == given
        assert setting({"optimizer": fields}) == found


def test_the_target_is_reached_between_two_epochs() -> None:
    assert reached([10, 20, 30], [0.5, 0.7, 0.9], 0.8) == pytest.approx(25)
    assert reached([10, 20, 30], [0.5, 0.9, 0.6], 0.9) == 20
    assert reached([10, 20], [0.9, 0.9], 0.8) == 10
    assert reached([10, 20], [0.1, 0.7], 0.8) is None
    assert reached([10, 20], [float("nan"), float("nan")], 0.8) is None


def test_seconds_per_step_are_processor_time(tmp_path: Path) -> None:
    spec = tmp_path / "moons.yaml"
    spec.write_text(
        "{name: moons, data: {source: moons}, model: [dense: 8, relu, dense: 2], "
        "loss: cross_entropy, epochs: 1}"
    )
    before = time.process_time()
    found = step_seconds(spec, {"sgd": {"lr": 0.1}}, tmp_path / "runs", epochs=5)
    assert 0 < found * 4 * 20 < time.process_time() - before  # 4 epochs of at least 20 steps


class Drawn(Trained):
    """A training of two epochs with ten steps each, whose accuracy starts at 0.5."""

    @property
    def curves(self) -> Mapping[str, Sequence[float]]:
        accuracy = [0.5, self.scores["validation.accuracy"]]
        return {"step": [10, 20], "validation.accuracy": accuracy}


def trainings(accuracies: Mapping[float, Sequence[float | None]]) -> Trainings:
    """Trainings of Adam: by rate the accuracy of each seed; None diverges and is the last one."""
    made: list[Trained] = []
    for rate, row in accuracies.items():
        values = {"optimizer": {"adam": {"lr": "${rate}"}}, "params.rate": rate}
        for seed, accuracy in enumerate(row):
            if accuracy is None:
                made.append(Trained(values, seed, {}, 1, None, "the loss became inf"))
                break
            scores = {"validation.accuracy": accuracy, "validation.loss": 1 - accuracy}
            made.append(Drawn(values, seed, scores, 2, None, ""))
    return Trainings(TASKS[0], made, len(next(iter(accuracies.values()))))


def test_a_rate_that_diverges_with_some_seed_is_never_chosen() -> None:
    found = trainings({0.001: [0.8, 0.8], 0.1: [0.99, None], 1.0: [None, None]})
    assert found.best("Adam") == Setting("Adam", 0.001)
    assert found.scores(Setting("Adam", 1.0), "validation") == [0.1, 0.1]
    assert found.steps(Setting("Adam", 1.0)) == [20, 20]
    assert found.missed(Setting("Adam", 1.0)) == 2


def test_quality_and_speed_choose_their_own_rates() -> None:
    found = trainings({0.001: [0.95, 0.95, 0.95], 0.01: [0.99, 0.99, 0.6]})
    assert found.best("Adam").rate == 0.001
    assert found.fastest("Adam").rate == 0.01
    assert found.best_rates("Adam") == [0.01, 0.01, 0.001]
    steps = 10 + 10 * 0.44 / 0.49
    assert found.steps(Setting("Adam", 0.01)) == pytest.approx([steps, steps, 20])
    assert found.missed(Setting("Adam", 0.01)) == 1


def test_a_usable_rate_is_close_to_the_best_one_of_its_seed() -> None:
    found = trainings({0.001: [0.95, 0.5], 0.01: [0.97, 0.96], 0.1: [0.9, None]})
    assert found.usable("Adam") == [2, 1]


def test_the_names_are_those_of_the_surface_too() -> None:
    assert tuple(RULES) == OPTIMIZERS
    assert {RULES[name].kind for name in NAMES.values()} == set(NAMES)


def test_the_gradient_is_the_slope_of_the_surface() -> None:
    x, y, small = -0.7, 0.4, 1e-6
    right = (height(x + small, y) - height(x - small, y)) / (2 * small)
    up = (height(x, y + small) - height(x, y - small)) / (2 * small)
    assert gradient(x, y) == pytest.approx((right, up))
    assert gradient(*MINIMUM) == (0, 0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_path_leads_down(name: str) -> None:
    _, points = best_path(RULES[name], [0.001, 0.01], 100)
    assert points[0] == pytest.approx(START)
    assert end(points, 100) < height(*START)


def test_a_path_that_diverges_is_never_the_best_one() -> None:
    rate, points = best_path(RULES["SGD"], [1.0, 0.001], 50)
    assert rate == 0.001
    assert len(points) == 51
    assert np.isfinite(points).all()


@pytest.mark.slow
def test_a_quick_run_has_the_claims_of_the_kept_findings(tmp_path: Path) -> None:
    quick, _ = quick_run("optimizers", tmp_path)
    assert [each.file for each in quick.pictures] == ["rates.png", "paths.png"]
