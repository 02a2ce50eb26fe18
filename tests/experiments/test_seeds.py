"""The seeds that decide the claims of the experiments are as many as were planned."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scipy import stats

from experiments.lab import Lab

CLAIMS = 10
"""Of an experiment, which share an error of 0.05."""


def power(difference: float, seeds: int) -> float:
    """The probability that a t-test over pairs shows a difference in standard deviations."""
    bound = stats.t.ppf(1 - 0.05 / CLAIMS / 2, seeds - 1)
    return float(stats.nct.sf(bound, seeds - 1, difference * math.sqrt(seeds)))


def lab(folder: Path, *, quick: bool) -> Lab:
    return Lab(folder, folder, folder, quick=quick, jobs=1)


def test_they_show_the_difference_that_was_planned_for(tmp_path: Path) -> None:
    seeds = len(lab(tmp_path, quick=False).seeds)
    assert power(0.8, seeds) > 0.8 > power(0.8, 20)
    assert power(1.5, 10) == pytest.approx(0.8, abs=0.02)


def test_a_quick_run_sees_none_of_them(tmp_path: Path) -> None:
    assert not set(lab(tmp_path, quick=True).seeds) & set(lab(tmp_path, quick=False).seeds)
