"""The experiment on batch normalization: its measures, its sweeps, and that it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quick_experiment import quick_run

import dlrun
from dlrun.experiment.compile import compile_spec
from dlrun.study.sweep.compile import read_plan
from dlrun.training.session import Session
from dlrun.training.stop import Stop
from experiments.batch_normalization.drift import Drift, Shaken, Watch, watch_drift
from experiments.batch_normalization.gap import training_loss
from experiments.batch_normalization.measured import INITIALIZERS
from experiments.batch_normalization.trainings import (
    BLOCKS,
    RATE,
    largest_rates,
    named,
    sides,
    spreads,
)
from experiments.lab import Trained
from experiments.own_rate import Side, best_rates

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "batch_normalization"
SPEC = FOLDER / "digits.yaml"
SWEEPS = ("rates", "initializers", "statistics", "layers")


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_has_no_faults(name: str) -> None:
    assert read_plan(FOLDER / f"{name}.yaml")


@pytest.mark.parametrize("name", ["rates", "initializers", "layers"])
def test_blocks_of_a_sweep_have_names(name: str) -> None:
    space = read_plan(FOLDER / f"{name}.yaml").sweep.model_dump(mode="json")["space"]
    names = [named(block) for block in space["params.block"]]
    assert names == (["none", "layer", "group"] if name == "layers" else ["none", "batch"])
    if name == "initializers":
        assert space["params.initializer"] == list(INITIALIZERS.values())


class Drawn(Trained):
    """A training with given validation accuracies."""

    @property
    def curves(self) -> Mapping[str, Sequence[float]]:
        return {"validation.accuracy": self.settings["curve"]}


def drawn(seed: int, curve: Sequence[float] | None, rate: float = 0.1) -> Trained:
    """A training with this curve, or one that diverged."""
    settings: dict[str, Any] = {"params.rate": rate, "seed": seed, "curve": curve}
    if curve is None:
        return Trained(settings, 0, {}, 1, None, "the loss became inf")
    scores = {"test.accuracy": curve[-1], "validation.accuracy": curve[-1]}
    return Drawn(settings, 0, scores, len(curve), None, "")


def side(rate: float, *curves: Sequence[float] | None) -> Side:
    return Side({}, rate, [drawn(seed, curve) for seed, curve in enumerate(curves)])


def test_the_largest_rate_is_that_of_each_seed() -> None:
    found = [
        side(0.1, [0.95, 0.96], [0.95, 0.9], [0.1, 0.1]),
        side(0.2, [0.1, 0.92], None, None),
        side(0.4, None, [0.1, 0.8], [0.2, 0.2]),
    ]
    assert largest_rates(found, 2) == [0.2, 0.1, 0.05]


def test_a_diverged_training_is_a_guess_in_the_spread() -> None:
    found = [side(0.1, [0.9], [0.8]), side(0.1, [0.6], None)]
    assert spreads(found) == pytest.approx([0.3, 0.7])


def test_a_rate_that_diverges_is_never_chosen() -> None:
    curves: dict[float, tuple[Sequence[float] | None, ...]] = {
        0.1: ([0.8], [0.8]),
        0.2: ([0.9], [0.8]),
        0.4: ([0.99], None),
    }
    trained = [
        Trained(
            {"params.rate": rate, "seed": seed, "params.batch": 2},
            0,
            {} if curve is None else {"validation.accuracy": curve[0]},
            1,
            None,
            "diverged" if curve is None else "",
        )
        for rate, row in curves.items()
        for seed, curve in enumerate(row)
    ]
    assert [len(each.runs) for each in sides(trained)] == [2, 2, 2]
    best = best_rates(trained, RATE, lambda each: (-each.scores["validation.accuracy"],))
    assert best == [({"params.batch": 2}, 0.2)]


def test_the_training_loss_is_that_of_the_final_weights(tmp_path: Path) -> None:
    """As of a training whose validation set is the training set."""
    samples = [[float(x), float(y)] for x in range(4) for y in range(4)]
    rows = "".join(f"{x},{y},{'ab'[x > y]}\n" for x, y in samples)
    for name in ("train", "same"):
        (tmp_path / f"{name}.csv").write_text(f"x,y,class\n{rows}")
    run = dlrun.train(
        {
            "name": "both",
            "data": {
                "source": {"csv": {"path": str(tmp_path / "train.csv"), "target": "class"}},
                "split": {"validation": str(tmp_path / "same.csv")},
                "batch_size": 5,
            },
            "model": [{"dense": 4}, "batch_norm", "relu", {"dense": "${classes}"}],
            "loss": "cross_entropy",
            "epochs": 3,
        },
        runs=tmp_path / "runs",
    )
    trained = Trained({}, 0, run.result["metrics"], 3, run.path, "")
    assert training_loss(trained) == pytest.approx(trained.scores["validation.loss"], rel=1e-5)
    assert training_loss(trained) != pytest.approx(run.metrics["train.loss"][-1], rel=1e-3)


def test_drift_is_in_standard_deviations_of_the_layer() -> None:
    means = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    drift = Drift(means, np.full((3, 2), 2.0), [])
    assert drift.per_step == pytest.approx(0.25)
    assert drift.moved == pytest.approx([0.0, 0.25, 0.5])


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_watched_inputs_are_those_of_the_network(norm: str) -> None:
    """Computed in NumPy from the initial weights; scale is 1 and shift is 0."""
    compiled = compile_spec(SPEC, {"params.block": BLOCKS[norm]})
    session = Session(compiled)
    mean, deviation = Watch(compiled, session.network).measure()
    weights = session.network.parameters.named()
    assert compiled.data.validation is not None
    hidden = np.asarray(compiled.data.validation.inputs[:]).reshape(360, -1)
    for layer in (1, 2, 3):
        hidden = hidden @ weights[f"dense_{layer}.kernel"] + weights[f"dense_{layer}.bias"]
        if norm == "batch":
            hidden = (hidden - hidden.mean(axis=0)) / np.sqrt(hidden.var(axis=0) + 1e-5)
        hidden = np.maximum(hidden, 0)
    assert mean == pytest.approx(hidden.mean(axis=0), rel=1e-3, abs=1e-4)
    assert deviation == pytest.approx(hidden.std(axis=0), rel=1e-3, abs=1e-4)


def test_watching_changes_nothing_and_noise_does() -> None:
    session = Session(compile_spec(SPEC, {"epochs": 2}))
    rows = [event.row for event in session.run(Stop()) if hasattr(event, "row")]
    alone = [row["validation.accuracy"] for row in rows]
    watched = watch_drift(SPEC, {"epochs": 2})
    assert watched.accuracies == alone
    assert len(watched.means) == 2 * 17
    shaken = watch_drift(SPEC, {"epochs": 2}, 0.5)
    assert shaken.per_step > 5 * watched.per_step
    assert shaken.accuracies != alone


def test_noise_leaves_what_was_learned() -> None:
    network = Session(compile_spec(SPEC)).network
    shift = network.parameters.named()["batch_norm_2.shift"]
    shaken = Shaken(network, 0, 0.5)
    shaken.renew()
    first = shift.copy()
    assert 0.1 < np.abs(first).max() <= 0.5
    shift += 2.0  # a step
    shaken.renew()
    assert not np.allclose(shift, first + 2.0)
    shaken.remove()
    assert shift == pytest.approx(np.full(32, 2.0), abs=1e-6)


@pytest.mark.slow
def test_a_quick_run_has_the_claims_of_the_kept_findings(tmp_path: Path) -> None:
    quick, _ = quick_run("batch_normalization", tmp_path)
    assert [each.file for each in quick.pictures] == ["scores.png", "drift.png"]
