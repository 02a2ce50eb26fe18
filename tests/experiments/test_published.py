"""The experiment with published results: its data, its figures, and a short run of all of it."""

from __future__ import annotations

import statistics
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from quick_experiment import quick_run

from dlrun.study.sweep.compile import read_plan
from experiments.published import archive, digits, reference
from experiments.published.adding import sequences

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "published"


def test_sequences_are_those_of_the_paper() -> None:
    pairs, targets = sequences(2000, 100, seed=7)
    numbers, marks = pairs[:, :, 0], pairs[:, :, 1]
    lengths = (marks == -1.0).argmax(axis=1)
    ends = 110 - (marks[:, ::-1] == -1.0).argmax(axis=1)
    assert set(ends) == set(range(100, 111))
    assert all((row[end:] == 0.0).all() for row, end in zip(pairs, ends, strict=True))
    assert ((marks == 1.0).sum(axis=1) == 2).all()
    places = np.argwhere(marks == 1.0)[:, 1].reshape(-1, 2)
    assert places.min() == 0
    assert places.max() == 48
    assert (places.min(axis=1) < 10).all()
    first = marks[:, 0] == 1.0
    assert (numbers[first, 0] == 0.0).all()
    assert (lengths[~first] == 0).all()
    total = (numbers * (marks == 1.0)).sum(axis=1)
    assert np.allclose(targets[:, 0], 0.5 + total / 4.0)
    assert 0.0 < targets.min() < 0.05
    assert 0.95 < targets.max() < 1.0


def test_published_runs_have_the_published_means() -> None:
    """The table of the same repository: means and, in brackets, standard deviations."""
    table = {
        ("MLP", "ItalyPowerDemand"): "95.4(0.2)",
        ("FCN", "ItalyPowerDemand"): "96.1(0.3)",
        ("ResNet", "ItalyPowerDemand"): "96.3(0.4)",
        ("MLP", "GunPoint"): "92.7(1.1)",
        ("FCN", "GunPoint"): "100.0(0.0)",
    }
    for key, right in reference.SERIES.items():
        scores = [100 * count / reference.TEST_SERIES[key[1]] for count in right]
        assert f"{statistics.mean(scores):.1f}({statistics.stdev(scores):.1f})" == table[key]


@pytest.mark.parametrize("strategy", digits.STRATEGIES)
def test_scikit_learn_gives_what_its_documentation_shows(strategy: str) -> None:
    found, documented = digits.with_scikit_learn(strategy, 0, 15), reference.DIGITS[strategy]
    assert found.accuracy == pytest.approx(documented.accuracy, abs=0.001)
    assert found.loss == pytest.approx(documented.loss, abs=0.001)


def test_without_the_series_the_way_to_get_them_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install --no-deps aeon"):
        archive.folder()


@pytest.mark.parametrize("name", ["adding", "digits"])
def test_a_sweep_has_no_faults(name: str, tmp_path: Path) -> None:
    digits.write_pixels(tmp_path / "digits.npz")
    for part in ("train", "test"):
        pairs, targets = sequences(40, 100, seed=0)
        np.savez(tmp_path / f"{part}.npz", x=pairs, y=targets)
    files = {"adding": ("sequences", tmp_path), "digits": ("pixels", tmp_path / "digits.npz")}
    key, path = files[name]
    plan = read_plan(FOLDER / f"{name}.yaml", {f"spec.params.{key}": str(path)})
    assert plan.sweep.name == f"published-{name}"


@pytest.mark.slow
@pytest.mark.skipif(find_spec("aeon") is None, reason="aeon is not installed")
def test_a_short_run_tests_the_same_claims(tmp_path: Path) -> None:
    quick_run("published", tmp_path)
