"""The experiment on initial weights: what it computes, that it runs, and its committed findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quick_experiment import quick_run

from dlrun.findings.record import read_record
from dlrun.study.sweep.compile import read_plan
from experiments.initialization.experiment import one_unit
from experiments.initialization.signals import signals
from experiments.initialization.units import effective_rank, spread, watch_units
from experiments.lab import Trained
from experiments.own_rate import best_rates

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "initialization"
SPEC = FOLDER / "deep-mlp.yaml"
SWEEPS = ("rates", "sigmoid", "symmetry")


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_has_no_errors(name: str) -> None:
    assert read_plan(FOLDER / f"{name}.yaml").sweep.name == f"initialization-{name}"


def test_the_effective_rank_counts_equal_singular_values() -> None:
    assert effective_rank(np.zeros((4, 3))) == 0.0
    assert effective_rank(np.ones((8, 5))) == pytest.approx(1.0)
    assert effective_rank(np.eye(6)) == pytest.approx(6.0)
    # Small singular values count less: exp of the entropy of 3/4 and 1/4.
    expected = np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    assert effective_rank(np.diag([3.0, 1.0])) == pytest.approx(expected)


def test_the_spread_is_between_units_and_does_not_depend_on_scale() -> None:
    equal = np.repeat(np.arange(1.0, 9.0)[:, None], 5, axis=1)
    assert spread(equal) == 0.0
    assert spread(np.zeros((8, 5))) == 0.0
    drawn = np.random.default_rng(0).normal(size=(200, 300))
    assert spread(drawn) == pytest.approx(1.0, abs=0.02)
    assert spread(1e-6 * drawn) == pytest.approx(spread(drawn))


def trained(rate: float, loss: float | None, initializer: str) -> Trained:
    settings = {"params.rate": rate, "params.initializer": initializer}
    scores = {} if loss is None else {"validation.loss": loss}
    return Trained(settings, 0, scores, 3, None, "diverged" if loss is None else "")


def test_every_side_gets_the_rate_of_its_lowest_mean_and_divergence_counts_as_infinite() -> None:
    runs = [
        trained(0.1, 0.2, "zeros"), trained(0.1, None, "zeros"),
        trained(0.01, 0.5, "zeros"), trained(0.01, 0.7, "zeros"),
        trained(0.1, 0.3, "lsuv"), trained(0.01, 0.3, "lsuv"), trained(1.0, None, "lsuv"),
    ]  # fmt: skip
    assert best_rates(runs, "params.rate", lambda run: (run.scores["validation.loss"],)) == [
        ({"params.initializer": "zeros"}, 0.01),
        ({"params.initializer": "lsuv"}, 0.01),
    ]


def measured(activation: str, initializer: Any, depth: int = 10) -> tuple[np.ndarray, np.ndarray]:
    found = signals(
        SPEC,
        {
            "params.depth": depth,
            "params.activation": activation,
            "params.initializer": initializer,
        },
    )
    return found.activations, found.gradients


def test_signals_are_those_of_the_layers() -> None:
    """Against a computation by hand of two layers."""
    from dlrun.experiment.compile import compile_spec
    from dlrun.training.initial_network import initial_network

    settings = {"params.depth": 2, "params.activation": "tanh"}
    compiled = compile_spec(SPEC, settings)
    weights = {
        name: np.float64(each)
        for name, each in initial_network(compiled).parameters.named().items()
    }
    rows = np.linspace(0, len(compiled.data.train) - 1, 16).astype(int)
    samples = compiled.data.train.take(rows)
    inputs, labels = np.float64(samples.inputs[:]).reshape(16, -1), np.array(samples.targets[:])
    first = np.tanh(inputs @ weights["dense_1.kernel"])
    second = np.tanh(first @ weights["dense_2.kernel"])
    logits = second @ weights["dense_3.kernel"]
    output = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(10)[labels.reshape(-1)]
    upper = output @ weights["dense_3.kernel"].T * (1 - second**2)
    lower = upper @ weights["dense_2.kernel"].T * (1 - first**2)
    found = signals(SPEC, settings)
    sizes = [float(np.sqrt(np.mean(each**2))) for each in (first, second, lower, upper)]
    assert [*found.activations, *found.gradients] == pytest.approx(sizes, rel=1e-9)


def test_small_weights_lose_the_signal_and_large_ones_blow_it_up() -> None:
    forward, backward = measured("relu", {"normal": 0.01})
    assert forward[-1] < 1e-10 * forward[0]
    assert backward[0] < 1e-10 * backward[-1]
    forward, backward = measured("relu", {"normal": 1.0})
    assert forward[-1] > 1e5 * forward[0]
    assert backward[0] > 1e5 * backward[-1]


def test_he_keeps_what_xavier_halves_under_relu() -> None:
    he, xavier = (measured("relu", rule)[0] for rule in ("he_normal", "xavier_normal"))
    assert 0.25 < he[-1] / he[0] < 4
    # The same random numbers, smaller by sqrt(2) in each of ten layers.
    assert xavier / he == pytest.approx(2.0 ** (-np.arange(1, 11) / 2), rel=1e-5)


def shallow(**keys: Any) -> dict[str, Any]:
    return {"params.rate": 0.03, "epochs": 3, **keys}


def test_equal_units_stay_equal_and_learn_whatone_unit_learns() -> None:
    deep = {"params.depth": 2, "params.activation": "tanh"}
    equal = watch_units(
        SPEC, shallow(**deep, **{"params.initializer": {"constant": 1 / 64}}), "dense_2"
    )
    one = watch_units(SPEC, shallow(**one_unit(1 / 64)), "dense_2")
    assert [each.epoch for each in equal] == [0, 1, 2, 3]
    # Rounding alone tells them apart: some BLAS routines add up in another order at the edge of a
    # matrix, so the last digit of a unit may differ.
    assert all(each.spread < 1e-6 for each in equal)
    assert all(each.rank == pytest.approx(1.0, abs=1e-4) for each in equal)
    losses = [each.loss for each in equal[1:]]
    assert losses == pytest.approx([each.loss for each in one[1:]], abs=1e-4)
    assert losses[-1] < losses[0] - 0.05
    drawn = watch_units(SPEC, shallow(**deep, **{"params.initializer": "lsuv"}), "dense_2")
    assert all(each.rank > 40 and each.spread > 0.9 for each in drawn)


def test_the_guide_shows_the_table_of_the_findings() -> None:
    table = next(each for each in read_record(FOLDER / "findings.json").tables)
    guide = (ROOT / "docs" / "guide" / "initialization.md").read_text()
    assert len(table.rows) == 8
    for row in (table.header, *table.rows):
        assert f"| {' | '.join(map(str, row))} |" in guide


@pytest.mark.slow
def test_the_experiment_runs(tmp_path: Path) -> None:
    record, committed = quick_run("initialization", tmp_path)
    assert [each.title for each in record.tables][:3] == [e.title for e in committed.tables][:3]
