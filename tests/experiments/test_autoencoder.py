"""The autoencoders find more than a linear method does, and restore what was lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

import dlrun
from dlrun.data.prepared import Prepared
from dlrun.experiment.compile import compile_spec

FOLDER = Path(__file__).parents[2] / "experiments" / "autoencoder"


def data(spec: str) -> Prepared:
    return compile_spec(FOLDER / spec).data


@pytest.mark.slow
def test_eight_numbers_hold_more_of_a_digit_than_eight_principal_components(tmp_path: Path) -> None:
    run = dlrun.train(FOLDER / "digits.yaml", runs=tmp_path)
    parts = data("digits.yaml")
    assert parts.test is not None
    train, test = (part.inputs.reshape(-1, 64) for part in (parts.train, parts.test))
    pca = PCA(8).fit(train)
    linear = np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2)
    assert run.result["metrics"]["test.loss"] < 0.7 * linear
    restored = run.predict(parts.test.inputs)
    assert restored.shape == parts.test.inputs.shape
    error = np.mean((restored - parts.test.inputs) ** 2)
    assert run.result["metrics"]["test.loss"] == pytest.approx(error, rel=1e-5)
    assert run.classes is None


@pytest.mark.slow
def test_lost_pixels_come_back(tmp_path: Path) -> None:
    run = dlrun.train(FOLDER / "digits-denoising.yaml", runs=tmp_path)
    test = data("digits-denoising.yaml").test
    assert test is not None
    keep = np.random.default_rng(0).uniform(size=test.inputs.shape) > 0.33
    noisy = (test.inputs * keep / 0.67).astype(np.float32)
    error = np.mean((run.predict(noisy) - test.inputs) ** 2)
    assert error < 0.25 * np.mean((noisy - test.inputs) ** 2)
