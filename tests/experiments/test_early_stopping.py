"""The experiment on early stopping: what it computes, that it runs, and its committed findings."""

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
from experiments.early_stopping.check import agreement
from experiments.early_stopping.claims import agreeing
from experiments.early_stopping.followed import follow, follow_all
from experiments.early_stopping.measured import Measured
from experiments.early_stopping.stopping import Stopped, stopped
from experiments.early_stopping.tasks import FRACTIONS, SAMPLES, TASKS, Task, chosen
from experiments.lab import Lab, Trained

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "early_stopping"

PLAIN = {"params.rate": 0.003, "params.dropout": 0, "params.decay": 0}


@pytest.mark.parametrize("name", ["choice", "patience"])
def test_a_sweep_has_no_errors(name: str) -> None:
    assert read_plan(FOLDER / f"{name}.yaml").sweep.name == f"{name}-diabetes"


@pytest.mark.parametrize(
    ("patience", "end"),
    [(1, Stopped(3, 2)), (2, Stopped(7, 5)), (3, Stopped(8, 5)), (None, Stopped(9, 9))],
)
def test_patience_counts_epochs_without_a_lower_loss(patience: int | None, end: Stopped) -> None:
    assert stopped([5, 4, 4, 3, 2, 6, 2, 7, 1], patience) == end


def test_patience_that_lasts_trains_all_epochs() -> None:
    assert stopped([3, 2, 4], 2) == Stopped(3, 2)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_all_fractions_have_the_same_test_set_and_share_the_other_samples(task: Task) -> None:
    tests = []
    for fraction in (0.0, *FRACTIONS):
        data = compile_spec(*task.case(7, 1, PLAIN, fraction)).data
        held = 0 if data.validation is None else len(data.validation)
        assert held == round(fraction * SAMPLES)
        assert len(data.train) == SAMPLES - held
        assert data.test is not None
        tests.append(np.asarray(data.test.targets[:]))
    if task.name != "diabetes":  # whose targets are scaled by those that train
        assert all(np.array_equal(each, tests[0]) for each in tests)
    assert len({len(each) for each in tests}) == 1


SETTINGS = {**PLAIN, "params.dropout": 0.3, "params.decay": 1}


def test_a_followed_training_is_that_of_a_run(tmp_path: Path) -> None:
    case = TASKS[1].case(3, 12, SETTINGS)
    run = dlrun.train(case[0], case[1], runs=tmp_path)
    followed = follow(case)
    assert {*followed} == {*run.metrics, "test.loss", "test.r2"}
    for name, values in run.metrics.items():
        assert name == "seconds" or followed[name] == list(values)
    for name in ("test.loss", "test.r2"):
        assert followed[name][-1] == run.result["metrics"][name]
        assert len(set(followed[name])) == 12


@pytest.mark.slow
def test_cases_are_followed_once_and_in_order(tmp_path: Path) -> None:
    lab = Lab(FOLDER, tmp_path, tmp_path, quick=True, jobs=2)
    cases = [TASKS[1].case(seed, 2, PLAIN) for seed in (5, 4, 5)]
    first, other, again = follow_all(lab, cases)
    assert first == again != other
    assert first["test.loss"] == follow(cases[0])["test.loss"]
    assert len(list((tmp_path / "followed").iterdir())) == 2


def test_a_training_without_a_test_set_cannot_be_followed() -> None:
    with pytest.raises(ValueError, match="no test set"):
        follow((TASKS[1].case(0, 1, PLAIN)[0], {"data.split.test": 0.0}))


class Drawn(Trained):
    """A training whose validation loss is given in its scores, by epoch."""

    @property
    def curves(self) -> Mapping[str, Sequence[float]]:
        return {"validation.loss": list(self.scores.values())}


def drawn(rate: float, dropout: float, losses: Sequence[float]) -> Trained:
    settings = {"params.rate": rate, "params.dropout": dropout, "params.decay": 0}
    scores = {str(epoch): loss for epoch, loss in enumerate(losses)}
    return Drawn(settings, 0, scores, len(losses), None, "")


def test_every_side_has_the_settings_that_suit_it() -> None:
    found = chosen(
        [
            drawn(0.1, 0, [5, 1, 9]), drawn(0.1, 0, [5, 2, 9]),
            drawn(0.2, 0, [5, 4, 3]), drawn(0.2, 0, [5, 4, 3]),
            drawn(0.2, 0.3, [5, 0.5, 3]), drawn(0.2, 0.3, [5, 4, 3.1]),
            drawn(0.1, 0.3, [5, 3, 2]), drawn(0.1, 0.3, [5, 3, 2]),
            Trained({**PLAIN, "params.rate": 1.0}, 0, {}, 1, None, "the loss became inf"),
        ]
    )  # fmt: skip
    values = {side: (each["params.rate"], each["params.dropout"]) for side, each in found.items()}
    assert values == {
        "all epochs": (0.2, 0),
        "early stopping": (0.1, 0),
        "regularized": (0.1, 0.3),
        "both": (0.1, 0),
    }


CURVES = {"validation.loss": [3.0, 2.0, 2.5, 2.6, 1.0], "test.loss": [5.0, 4.0, 2.0, 6.0, 8.0]}


def real(epochs: int, loss: float, *, best: bool) -> Trained:
    settings = {"early_stopping.patience": 2, "early_stopping.restore_best": best}
    return Trained(settings, 0, {"test.loss": loss, "validation.loss": 0.0}, epochs, None, "")


def test_a_run_that_does_not_end_as_simulated_is_counted() -> None:
    runs = [real(4, 4.0, best=True), real(4, 6.0, best=False), real(5, 4.25, best=True)]
    found = agreement(runs, [CURVES])
    assert (found.runs, found.epochs, found.scores, found.largest) == (3, 2, 2, 0.25)


def measured(*curves: Mapping[str, Sequence[float]]) -> Measured:
    """The same curves in all tasks, with losses that are larger by the task's number."""
    by_task = {
        task.name: [
            {name: [place * value for value in row] for name, row in each.items()}
            for each in curves
        ]
        for place, task in enumerate(TASKS, start=1)
    }
    parts: dict[tuple[str, float], Any] = {
        (name, part): each for name, each in by_task.items() for part in (0.0, 0.2)
    }
    sides = {(name, "early stopping"): each for name, each in by_task.items()}
    return Measured(5, {}, sides, parts)


def test_losses_are_relative_to_the_lowest_of_their_task() -> None:
    other = {"validation.loss": [1.0, 2.0, 3.0, 4.0, 5.0], "test.loss": [7.0, 6.0, 9.0, 9.0, 9.0]}
    found = measured(CURVES, other)  # the lowest are 2 and 6, 4 on average
    assert found.lowest_at(0.2) == pytest.approx([0.5, 1.5])
    assert found.chosen_at(0.2) == pytest.approx([2.0, 1.75])
    assert found.loss_at("early stopping", 2) == pytest.approx([1.0, 1.75])
    assert found.loss_at("early stopping", 2, "last") == pytest.approx([1.5, 2.25])
    assert found.loss_at("early stopping", None, "last") == pytest.approx([2.0, 2.25])
    assert found.trained(TASKS[2], "early stopping", 2) == [4, 3]
    assert found.again(TASKS[0], 0.2) == [8.0, 7.0]
    assert found.on_all(TASKS[1]) == [16.0, 18.0]


def test_seeds_that_agree_with_a_claim_are_counted() -> None:
    assert agreeing([1.0, 2.0, 3.0], [2.0, 2.0, 3.5], True, 0.0, None) == 2
    assert agreeing([1.0, 2.0, 3.0], [2.0, 2.0, 3.5], True, 0.5, None) == 1
    assert agreeing([1.0, 2.0, 3.0], [2.0, 2.0, 2.5], False, 0.0, None) == 1
    assert agreeing([1.0, 2.0, 3.0], [2.0, 2.0, 2.5], False, 0.0, 0.6) == 2


@pytest.mark.slow
def test_a_quick_run_has_the_claims_of_the_committed_findings(tmp_path: Path) -> None:
    quick, _ = quick_run("early_stopping", tmp_path)
    assert "24 runs that were really stopped, 24 trained" in quick.result
    assert "24 have exactly the simulated" in quick.result
