"""The experiment on a whole recipe: its steps, what it computes, and its committed findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from quick_experiment import quick_run

from dlrun.experiment.compile import compile_spec
from dlrun.findings.record import read_record
from dlrun.study.sweep.compile import read_plan
from experiments.all_together.measured import Measured
from experiments.all_together.steps import (
    BEFORE,
    DIGITS,
    FIRST,
    FULL,
    STOPPING,
    TASKS,
    UNTUNED,
    Task,
    recipes_with_rates,
    with_rate,
)
from experiments.lab import Trained
from experiments.own_rate import Side

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "all_together"

DECAY = {"dropout", "optimizer"}
"""Keys of a recipe that dropout and AdamW's weight decay change."""
CHANGES = {
    "+ initialization": {"initializer"},
    "+ momentum": {"optimizer"},
    "+ Adam": {"optimizer"},
    "+ batch normalization": {"batch_norm"},
    "+ schedule": {"schedule"},
    "+ augmentation": {"augment"},
    BEFORE: DECAY,
    FULL: {"early_stopping"},
    "without initialization": {"initializer"},
    "without Adam": {"optimizer", "penalty"},
    "without batch normalization": {"batch_norm"},
    "without schedule": {"schedule"},
    "without augmentation": {"augment"},
    "without dropout and weight decay": DECAY,
}
"""What each step changes: of the step before, or of the full recipe if it is without something."""

Recipe = dict[str, Any]


def recipes() -> dict[str, Recipe]:
    """The steps of the sweep by name."""
    sweep = yaml.safe_load((FOLDER / "steps.yaml").read_text())
    return {each.pop("step"): each for each in sweep["space"]["params.recipe"]}


def test_each_step_changes_only_what_its_name_says() -> None:
    steps = recipes()
    assert list(steps) == [FIRST, *CHANGES]
    before = steps[FIRST]
    for name, changed in CHANGES.items():
        of = steps[FULL] if name.startswith("without") else before
        assert {key for key in of if of[key] != steps[name][key]} == changed, name
        before = steps[name]
    # The last step is full: it has no key of the first one left but the penalty.
    kept = {key for key, value in steps[FULL].items() if value == steps[FIRST][key]}
    assert kept == {"penalty"}
    # Without an ingredient, its key has the value of the first step.
    for name, (*keys,) in CHANGES.items():
        if name.startswith("without") and len(keys) == 1:
            assert steps[name][keys[0]] == steps[FIRST][keys[0]]
    assert steps["without Adam"]["optimizer"] == steps[FIRST]["optimizer"]
    assert steps["without dropout and weight decay"]["optimizer"] == steps["+ Adam"]["optimizer"]


def test_the_specs_have_the_full_recipe_and_differ_only_in_their_data() -> None:
    specs = [yaml.safe_load((FOLDER / f"{task.name}.yaml").read_text()) for task in TASKS]
    for spec in specs:
        recipe = spec["params"]["recipe"]
        assert recipe.pop("step") == "full recipe"
        assert recipe == recipes()[FULL]
        del spec["name"], spec["data"]["source"], spec["data"]["split"], spec["params"]["augment"]
        spec["model"] = [layer for layer in spec["model"] if layer != "flatten"]
    assert specs[0] == specs[1] == specs[2]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_sweep_has_no_errors_and_a_task_is_as_described(task: Task) -> None:
    plan = read_plan(FOLDER / "steps.yaml", {"spec": f"{task.name}.yaml"})
    assert plan.sweep.repeats == 2
    test = compile_spec(FOLDER / f"{task.name}.yaml").data.test
    assert test is not None
    labels = np.asarray(test.targets[:]).reshape(-1).astype(int)
    assert len(labels) == task.tested
    assert np.bincount(labels).max() / len(labels) == pytest.approx(task.guessing, abs=0.01)


def tried(step: str, rate: float, accuracy: float | None, loss: float = 1.0) -> Trained:
    settings = {"params.recipe": {"step": step}, "params.rate": rate}
    if accuracy is None:
        return Trained(settings, 0, {}, 1, None, "diverged")
    return Trained(
        settings, 0, {"validation.accuracy": accuracy, "validation.loss": loss}, 1, None, ""
    )


def test_the_rate_has_the_highest_accuracy_then_the_lowest_loss_and_never_a_failed_run() -> None:
    runs = [
        tried("a", 0.1, 0.9), tried("a", 0.1, 0.7),
        tried("a", 0.3, 0.75), tried("a", 0.3, 0.95),
        tried("a", 1.0, None), tried("a", 1.0, 1.0),
        tried("b", 0.1, 0.5, 2.0), tried("b", 0.3, 0.5, 1.5),
        tried("c", 0.3, 0.5), tried("c", 0.1, 0.5),
        tried("d", 0.1, 0.2), tried("d", 0.3, None),
    ]  # fmt: skip
    found = recipes_with_rates(runs)
    assert {name: rate for name, (_, rate) in found.items()} == {
        "a": 0.3, "b": 0.3, "c": 0.1, "d": 0.1,
    }  # fmt: skip
    assert found["a"][0] == {"step": "a"}


def test_a_rate_replaces_that_of_any_optimizer() -> None:
    recipe = {"optimizer": {"adamw": {"lr": "${rate}", "weight_decay": 0.1}}, "dropout": 0.1}
    filled = {"optimizer": {"adamw": {"lr": 0.3, "weight_decay": 0.1}}, "dropout": 0.1}
    assert with_rate(recipe, 0.3) == filled


def test_losses_are_paired_and_a_diverged_training_counts_as_guessing() -> None:
    def runs(*accuracies: float | None) -> Side:
        return Side(
            {},
            0.1,
            [
                Trained({}, 0, {"test.accuracy": each or 0.0}, 5, None, "" if each else "diverged")
                for each in accuracies
            ],
        )

    names = (FULL, BEFORE, "without schedule", UNTUNED)
    sides = (runs(0.9, 0.8), runs(0.9, 0.8), runs(0.7, 0.6), runs(0.8, None))
    on = Measured(DIGITS, dict(zip(names, sides, strict=True)), 50)
    assert on.ladder == [FULL, BEFORE]
    assert on.without == {
        "without schedule": "without schedule", STOPPING: BEFORE, UNTUNED: UNTUNED,
    }  # fmt: skip
    assert on.accuracy(UNTUNED) == [0.8, DIGITS.guessing]
    assert on.lost("without schedule").mean == pytest.approx(0.2)
    assert on.lost(STOPPING).mean == 0.0
    assert on.lost(UNTUNED).mean == pytest.approx((0.1 + 0.8 - DIGITS.guessing) / 2)
    never = Measured(DIGITS, {"plain SGD": runs(None)}, 50)
    assert never.reached("plain SGD") == [51.0]


def test_the_guide_has_the_figures_of_the_findings() -> None:
    claims = read_record(FOLDER / "findings.json").claims
    gain, tuned = claims[1], claims[6]
    guide = (ROOT / "docs" / "guide" / "training.md").read_text()
    assert gain.than is not None
    assert gain.better is not None
    assert tuned.than is not None
    assert (
        f"initialization\nalone gives {gain.than:.2f}, and the full recipe {gain.better:.2f}"
        in guide
    )
    assert f"learning rate it has {tuned.than:.2f}" in guide
    sure = [each.verdict == "holds" for each in claims[8:]]
    assert ("is not certainly better" in guide) is not any(sure)


@pytest.mark.slow
def test_the_experiment_runs(tmp_path: Path) -> None:
    record, committed = quick_run("all_together", tmp_path)
    assert [each.title for each in record.tables] == [each.title for each in committed.tables]
