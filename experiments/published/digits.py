"""The digits of an example of scikit-learn's documentation, and the example's own trainings."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler
from threadpoolctl import threadpool_limits

from experiments.published.reference import Reported

STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "constant": {"momentum": 0},
    "momentum": {"momentum": 0.9, "nesterovs_momentum": False},
    "Nesterov": {"momentum": 0.9, "nesterovs_momentum": True},
}
"""Arguments of scikit-learn's class for each strategy of the example."""


def write_pixels(file: Path) -> None:
    """Write the 64 pixels and the class of each digit."""
    pixels, classes = load_digits(return_X_y=True)
    np.savez(file, x=pixels, y=classes)


def with_scikit_learn(strategy: str, seed: int, epochs: int) -> Reported:
    """Train as the example does; seed 0 and 15 epochs give what the documentation shows."""
    pixels, classes = load_digits(return_X_y=True)
    scaled = MinMaxScaler().fit_transform(pixels)
    network = MLPClassifier(
        solver="sgd",
        learning_rate_init=0.2,
        max_iter=epochs,
        random_state=seed,
        **STRATEGIES[strategy],
    )
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(scaled, classes)
        return Reported(float(network.score(scaled, classes)), float(network.loss_))
