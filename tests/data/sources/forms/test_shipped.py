"""The built-in sources hold what scikit-learn's loaders give."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from dlrun.data.sources.breast_cancer import BreastCancer
from dlrun.data.sources.diabetes import Diabetes
from dlrun.data.sources.digits import Digits
from dlrun.data.sources.forms import shipped
from dlrun.data.sources.iris import Iris
from dlrun.data.sources.wine import Wine
from dlrun.errors import DataError

HERE = Path()


@pytest.mark.parametrize(
    ("source", "loader"),
    [
        (Iris(), datasets.load_iris),
        (Wine(), datasets.load_wine),
        (BreastCancer(), datasets.load_breast_cancer),
    ],
)
def test_classified_tables(source, loader):
    data, truth = source.load(0, HERE), loader()
    assert data.task == "classification"
    assert data.inputs.dtype == np.float32
    assert data.targets.dtype == np.int64
    np.testing.assert_array_equal(data.inputs, truth.data.astype(np.float32))
    np.testing.assert_array_equal(data.targets, truth.target)
    assert data.classes == tuple(truth.target_names)
    assert [column.name for column in data.columns] == list(truth.feature_names)


def test_digits():
    data, truth = Digits().load(0, HERE), datasets.load_digits()
    assert data.inputs.shape == (1797, 8, 8, 1)
    assert data.inputs.dtype == np.float32
    np.testing.assert_array_equal(data.inputs[..., 0] * 16, truth.images)
    np.testing.assert_array_equal(data.targets, truth.target)
    assert data.classes == tuple(str(digit) for digit in truth.target_names)
    assert data.columns is None


def test_diabetes():
    data, truth = Diabetes().load(0, HERE), datasets.load_diabetes(scaled=False)
    assert data.task == "regression"
    assert data.classes is None
    np.testing.assert_array_equal(data.inputs, truth.data.astype(np.float32))
    np.testing.assert_array_equal(data.targets, truth.target.astype(np.float32)[:, None])
    assert [column.name for column in data.columns] == truth.feature_names


def test_loading_does_not_import_scikit_learn():
    program = (
        "import sys; from pathlib import Path; from dlrun.data.sources.digits import Digits;"
        "Digits().load(0, Path()); sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.fixture
def fake_package(tmp_path, monkeypatch):
    """A scikit-learn whose data folder holds what a test puts there."""

    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(shipped, "find_spec", lambda name: Spec)
    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    return folder


def test_a_missing_file_says_what_to_do(fake_package):
    with pytest.raises(DataError, match=r"iris\.csv cannot be read; reinstall it"):
        Iris().load(0, HERE)


@pytest.mark.parametrize("content", ["", "1,2,a\n", "1,2,a\n1,x\n", "1,2,a\n1,2\n1\n"])
def test_a_broken_file_says_what_to_do(fake_package, content):
    (fake_package / "iris.csv").write_text(content)
    with pytest.raises(DataError, match="reinstall it"):
        Iris().load(0, HERE)


def test_a_broken_archive_says_what_to_do(fake_package):
    (fake_package / "digits.csv.gz").write_bytes(b"\x1f\x8bnothing")
    with pytest.raises(DataError, match="reinstall it"):
        Digits().load(0, HERE)


def test_no_scikit_learn(monkeypatch):
    monkeypatch.setattr(shipped, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="not installed"):
        Wine().load(0, HERE)


def test_a_source_without_files_refuses_one():
    iris = Iris().load(0, HERE)
    with pytest.raises(DataError, match=r"'iris' does not read files, so it cannot read more\.csv"):
        Iris().load_file("more.csv", HERE, like=iris)
    assert Iris().files(HERE) == ()
