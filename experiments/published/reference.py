"""Published figures, each with the place where it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """A published training with scikit-learn.

    Attributes:
        accuracy: on the training set, after the last epoch.
        loss: mean over the last epoch.
    """

    accuracy: float
    loss: float


SERIES = {
    ("MLP", "ItalyPowerDemand"): (984, 983, 978, 978, 983, 983, 983, 985, 980, 980),
    ("FCN", "ItalyPowerDemand"): (988, 984, 990, 988, 993, 986, 991, 992, 992, 985),
    ("ResNet", "ItalyPowerDemand"): (987, 991, 986, 997, 990, 987, 997, 990, 993, 991),
    ("MLP", "GunPoint"): (140, 138, 142, 137, 137, 139, 138, 140, 141, 139),
    ("FCN", "GunPoint"): (150, 150, 150, 150, 150, 150, 150, 150, 150, 150),
}
"""Correctly classified test series of ten runs each: column `accuracy` of results/results-uea.csv
(commit e0233ef of github.com/hfawaz/dl-4-tsc), times the number of test series.  These runs are
those of Ismail Fawaz et al., "Deep learning for time series classification: a review", Data Mining
and Knowledge Discovery 33, 2019."""

TEST_SERIES = {"ItalyPowerDemand": 1029, "GunPoint": 150}
"""Test series of each data set in the archive."""

SEQUENCES = 74_000
"""Training sequences until success for T = 100, a mean of ten trials: Hochreiter & Schmidhuber,
"Long short-term memory", Neural Computation 9, 1997, table 7."""

TEST_SEQUENCES = 2560
"""Test sequences, as in the same paper."""

WRONG = 1
"""Wrong predictions of the test sequences for T = 100, a mean of ten trials (same table)."""

MOST_WRONG = 3
"""Wrong predictions in the worst of all trials (same section)."""

TOLERANCE = 0.04
"""Absolute error above which a prediction is wrong (same section)."""

AVERAGE_ERROR = 0.01
"""The average test error was always below this (same section, which does not say of which kind)."""

DIGITS = {
    "constant": Reported(0.956038, 0.243802),
    "momentum": Reported(0.992766, 0.041297),
    "Nesterov": Reported(0.993879, 0.042898),
}
"""Output for the digits in scikit-learn's documentation: "Compare stochastic learning strategies
for MLPClassifier", auto_examples/neural_networks/plot_mlp_training_curves.html, the same in
version 0.18 and in the stable version of 2026."""
