"""The sweeps of the guide work, and the experiment searches its table as dlrun would."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quick_experiment import quick_run

import dlrun
from dlrun.errors import DataError
from dlrun.search.pruners.halving import Halving
from dlrun.search.pruners.hyperband import Hyperband
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.study import Study
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop
from experiments.tuning import table as tables
from experiments.tuning.searches import affordable, choice, gridded, searched, trained_epochs
from experiments.tuning.table import Table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "tuning"
SWEEPS = sorted(FOLDER.glob("*.yaml"))
SPEC: Mapping[str, Any] = {
    "name": "moons",
    "params": {"width": 4},
    "data": {"source": {"moons": {"samples": 120}}, "split": {"validation": 0.5}},
    "model": [{"dense": "${width}"}, "relu", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "epochs": 9,
}
SPACE = {"optimizer.adam.lr": [1e-4, 1e-3, 1e-2, 1e-1], "params.width": [2, 4, 8, 16]}


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_has_no_faults(sweep: Path) -> None:
    assert read_plan(sweep).sweep.name == sweep.stem


@pytest.mark.slow
def test_digits_with_the_best_of_small_networks(tmp_path: Path) -> None:
    plan = read_plan(*(path for path in SWEEPS if path.stem == "digits-mlp"))
    study = Study(plan, StudyDirectory(tmp_path / "study"), workers=2)
    for _ in study.run(Stop()):
        pass
    board = leaderboard(plan, study.state)
    assert board.failed == 0
    assert board.test["test.accuracy"].mean >= 0.965


@pytest.mark.slow
def test_the_experiment_makes_its_claims(tmp_path: Path) -> None:
    quick_run("tuning", tmp_path)


def sweep(search: Any, **more: Any) -> dict[str, Any]:
    goal = {"maximize": "validation.accuracy"}
    return {
        "name": "moons",
        "spec": SPEC,
        "search": search,
        "objective": goal,
        "space": SPACE,
        **more,
    }


def table_of(accuracies: Sequence[float], curves: Any = None) -> Table:
    space = read_plan(sweep("grid")).space
    right = np.arange(1000) < 1000 * np.array(accuracies)[:, None]
    if curves is None:
        curves = right.mean(axis=1)[:, None]
    return Table(space, list(space.grid(0)), right[None], np.array(curves)[None])


@pytest.mark.parametrize(("name", "sampler"), [("bayes", Bayes()), ("random", Random())])
def test_a_table_is_searched_as_by_suggest_and_report_result(
    name: str, sampler: Any, tmp_path: Path
) -> None:
    table = table_of(np.random.default_rng(0).permutation(16) / 20)
    path, asked = tmp_path / "study", []
    given: Any = sweep({name: {"trials": 9}}, seed=3)  # bayes uses its model after 6
    for _ in range(9):
        suggested = dlrun.suggest(given, out=path)
        assert suggested is not None
        setting = {key: suggested.settings[key] for key in SPACE}
        asked.append(table.row(setting))
        dlrun.report_result(path, suggested.run, float(table.accuracy[0, asked[-1]]))
    assert searched(sampler, table, 0, 3, 9) == asked


@pytest.mark.slow
def test_pruned_trials_are_those_of_a_study(tmp_path: Path) -> None:
    full = dlrun.tune(sweep("grid"), jobs=2, studies=tmp_path / "full")
    runs = [full.path / "trials" / trial.runs[0].directory for trial in full.trials]
    curves = np.array([dlrun.Run(run).metrics["validation.accuracy"] for run in runs])
    for number, pruner in enumerate((Halving(min_epochs=1), Hyperband(min_epochs=1))):
        prune = {pruner.kind: {"min_epochs": 1}}
        pruned = dlrun.tune(sweep("grid", prune=prune), jobs=2, studies=tmp_path / str(number))
        epochs = [trial.runs[0].epochs for trial in pruned.trials]
        assert trained_epochs(pruner, curves).tolist() == epochs
        assert len(set(epochs)) > 1


def test_as_many_trials_are_pruned_as_the_budget_allows() -> None:
    for pruner in (Halving(), Hyperband()):
        trials = affordable(pruner, 27, 10 * 27)
        epochs = [trained_epochs(pruner, np.zeros((n, 27))).sum() for n in (trials, trials + 1)]
        assert epochs[0] <= 10 * 27 < epochs[1]
        assert trials > 10


def test_a_grid_combines_different_values() -> None:
    table = table_of([0.5] * 16)
    for seed in range(5):
        settings = [table.settings[row] for row in gridded(table, (3, 2), seed)]
        assert len({setting["optimizer.adam.lr"] for setting in settings}) == 3
        assert len({setting["params.width"] for setting in settings}) == 2
        assert len(settings) == 6
    assert sorted(gridded(table, (4, 4), 0)) == list(range(16))


def test_the_key_that_matters_has_all_of_the_variance() -> None:
    rates = np.repeat([0.1, 0.4, 0.8, 0.5], 4)
    effects = table_of(rates).main_effects()
    assert list(effects) == ["optimizer.adam.lr", "params.width"]
    assert effects["optimizer.adam.lr"] == pytest.approx(1)
    assert effects["params.width"] == pytest.approx(0)


def test_the_winner_of_equal_networks_is_optimistic() -> None:
    right = np.random.default_rng(0).random((300, 2000)) < 0.9
    scores = np.array([choice(right, 100, (1, 10, 300), seed) for seed in range(100)])
    seen, fresh = scores.mean(axis=0)
    assert np.abs(fresh - 0.9).max() < 0.005
    assert abs(seen[0] - 0.9) < 0.01
    assert seen[0] + 0.03 < seen[1] < seen[2] - 0.02
    assert seen[2] < 0.9 + 0.03 * np.sqrt(2 * np.log(300))


def test_a_table_is_kept_in_a_file(tmp_path: Path) -> None:
    file, source = tmp_path / "table.npz.xz", shutil.copy(FOLDER / tables.SWEEP, tmp_path)
    space = read_plan(source).space
    settings = list(space.grid(0))
    random = np.random.default_rng(0)
    right = random.random((2, len(settings), 30)) < 0.8
    curves = random.integers(0, 31, (2, len(settings), 3)) / 30
    tables.write(Table(space, settings, right, curves), file, Path(source))
    again = tables.read(file, Path(source))
    assert (again.right == right).all()
    assert (again.curves == curves).all()
    text = Path(source).read_text()
    Path(source).write_text("# Another comment.\n" + text)
    tables.read(file, Path(source))
    Path(source).write_text(text.replace("epochs: 27", "epochs: 28"))
    with pytest.raises(DataError, match=r"was made with another digits-table\.yaml; remove it"):
        tables.read(file, Path(source))


def test_a_table_that_is_out_of_date_is_an_error() -> None:
    known, close, other = (table_of([each] * 16) for each in (0.9, 0.91, 0.8))
    assert tables.deviation(known, close) == pytest.approx(0.01)
    with pytest.raises(DataError, match=r"differ from table\.npz\.xz by 0\.100"):
        tables.deviation(known, other)


def test_the_table_is_small_and_complete() -> None:
    table = tables.read(FOLDER / "table.npz.xz", FOLDER / tables.SWEEP)
    assert (FOLDER / "table.npz.xz").stat().st_size < 200_000
    assert table.right.shape == (2, 1053, 1258)
    assert np.abs(table.curves[:, :, -1] - table.accuracy).max() < 1e-9
