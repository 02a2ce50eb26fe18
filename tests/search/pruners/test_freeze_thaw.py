from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from dlrun.search.pruners.base import Curve
from dlrun.search.pruners.freeze_thaw import FreezeThaw, _improvement, _thinned, scores

EPOCHS = 16
RUNGS = (1, 2, 4, 8, 16)


def ends(trials: int) -> np.ndarray:
    """The setting of each trial, which is also its value at the end."""
    return np.linspace(0.1, 0.9, trials)[np.random.default_rng(1).permutation(trials)]


def value(end: float, epochs: int) -> float:
    return float(end + 0.5 / epochs)


def curve(trial: int, end: float, rungs: int) -> Curve:
    values = [value(end, epochs) for epochs in RUNGS[:rungs]]
    return Curve(trial, np.array([end]), values, rungs == len(RUNGS))


def begun(rungs: Sequence[int]) -> list[Curve]:
    """Trials that have reached so many rungs each."""
    return [
        curve(trial, end, count)
        for trial, (end, count) in enumerate(zip(ends(len(rungs)), rungs, strict=True))
    ]


def test_it_has_the_rungs_of_halving() -> None:
    assert FreezeThaw().rungs(EPOCHS) == [1, 2, 4, 8]
    assert FreezeThaw(min_epochs=3, factor=3).rungs(30) == [3, 9, 27]
    assert FreezeThaw(min_epochs=9).unreached(9, 5) == "freeze_thaw has no rung before epoch 9"
    assert FreezeThaw().unreached(9, 5) is None


def test_the_first_trials_are_started_in_order() -> None:
    assert FreezeThaw(batch=3).choose(begun([0] * 9), EPOCHS, 0.0) == [0, 1, 2]
    assert FreezeThaw(batch=3).choose(begun([1] * 14 + [0] * 9), EPOCHS, 0.0) == [14, 15, 16]


@pytest.mark.parametrize("floor", [None, 0.0, -3.0])
def test_a_study_finds_the_best_trial_with_few_epochs(floor: float | None) -> None:
    trials = 40
    prune, reached = FreezeThaw(), [0] * trials
    while chosen := prune.choose(begun(reached), EPOCHS, floor):
        assert len(chosen) == len(set(chosen)) <= prune.batch
        for trial in chosen:
            assert reached[trial] < len(RUNGS)
            reached[trial] += 1
    assert min(reached) >= 1  # every trial has started
    assert reached[int(np.argmin(ends(trials)))] == len(RUNGS)
    trained = sum(RUNGS[count - 1] for count in reached)
    assert trained < 0.3 * trials * EPOCHS


def test_settings_decide_what_starts_next() -> None:
    """Of the trials that have not started, those near the best ones."""
    known = [curve(trial, end, 5) for trial, end in enumerate(np.linspace(0.2, 0.95, 16))]
    new = [curve(16 + trial, end, 0) for trial, end in enumerate(np.linspace(0.9, 0.1, 30))]
    chosen = FreezeThaw().choose([*known, *new], EPOCHS, 0.0)
    assert min(chosen) >= 16
    assert max(new[trial - 16].columns[0] for trial in chosen) < 0.3


def test_nothing_is_chosen_that_cannot_become_the_best() -> None:
    curves = begun([5, 5, 5, 5, 5, 5, 5, 5, 4, 4])
    curves = [each for each in curves if each.ended or each.columns[0] > 0.5]
    assert FreezeThaw().choose(curves, EPOCHS, 0.0) == []
    assert FreezeThaw(min_chance=0.0).choose(curves, EPOCHS, 0.0)


def test_one_trial_is_completed_however_small_its_chance() -> None:
    reached = [0] * 20
    prune = FreezeThaw(min_chance=0.999)
    while chosen := prune.choose(begun(reached), EPOCHS, 0.0):
        for trial in chosen:
            reached[trial] += 1
    assert reached.count(len(RUNGS)) == 1


def test_failed_trials_are_not_chosen_and_count_as_the_worst() -> None:
    failed = [Curve(trial, np.array([0.1]), [math.nan], True) for trial in range(4)]
    assert FreezeThaw().choose(failed, EPOCHS, 0.0) == []
    more = [curve(trial, 0.05 * trial, 1) for trial in range(4, 19)]
    near, far = (Curve(trial, np.array([at]), [], False) for trial, at in ((19, 0.1), (20, 0.5)))
    chosen = FreezeThaw(batch=17).choose([*failed, *more, near, far], EPOCHS, 0.0)
    assert chosen.index(20) < chosen.index(19)
    assert not {0, 1, 2, 3} & set(chosen)


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=12),
    st.sampled_from([0.25, 4.0, 1024.0]),
)
def test_the_unit_of_the_objective_does_not_matter(rungs: list[int], unit: float) -> None:
    curves = begun(rungs)
    chosen = FreezeThaw().choose(curves, EPOCHS, 0.0)
    for change in (lambda value: unit * value, math.exp):
        other = [
            Curve(each.trial, each.columns, [change(value) for value in each.values], each.ended)
            for each in curves
        ]
        assert FreezeThaw().choose(other, EPOCHS, 0.0) == chosen


def test_an_equal_score_is_not_an_improvement() -> None:
    """Ten trials have the best score that there is, or one sample less than it."""
    ended = [Curve(trial, np.array([0.5]), [0.5, 0.4, 0.3, 0.25, 0.25], True) for trial in range(8)]
    paused = [Curve(8, np.array([0.5]), [0.5, 0.4, 0.3, 0.25], False)]
    assert FreezeThaw(min_chance=0.3).choose([*ended, *paused], EPOCHS, 0.0) == [8]
    assert FreezeThaw(min_chance=0.3).choose([*ended, *paused], EPOCHS, 0.0, step=0.25) == []
    new = [Curve(9, np.array([0.5]), [], False)]
    assert FreezeThaw(min_chance=0.0).choose([*ended, *paused], EPOCHS, 0.25) == []  # perfect
    assert FreezeThaw(min_chance=0.0).choose([*ended, *paused, *new], EPOCHS, 0.25) == [9]


@given(st.lists(st.sampled_from([0.04, 0.05, 0.3, 1e9, math.inf]), min_size=1, max_size=20))
def test_scores_are_normal_quantiles_of_ranks(values: list[float]) -> None:
    found = scores(np.array(values), np.array(values))
    expected = norm.ppf((rankdata(values) - 3 / 8) / (len(values) + 1 / 4))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    exponents = np.log(values)
    np.testing.assert_array_equal(found, scores(exponents, exponents))


def test_scores_of_failed_trials_are_the_worst_and_those_of_better_values_the_best() -> None:
    known = np.array([0.3, math.nan, 0.05, math.inf])
    best, equal, failed = scores(np.array([0.0, 0.05, -math.inf]), known)
    assert best < equal < scores(np.array([0.3]), known)[0] < failed
    assert failed == scores(np.array([math.nan]), known)[0]


def test_an_improvement_is_an_integral_over_the_normal_distribution() -> None:
    mean, deviation = np.array([0.0, 0.5, -1.0]), np.array([1.0, 0.2, 0.7])
    chance, gain = _improvement(mean, deviation, 0.3)
    for place, (m, s) in enumerate(zip(mean, deviation, strict=True)):
        assert chance[place] == pytest.approx(norm(m, s).cdf(0.3))
        expected = norm(m, s).expect(lambda at: 0.3 - at, ub=0.3)
        assert gain[place] == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(9, 200))
def test_thinned_points_are_whole_curves_with_the_longest(lengths: list[int], most: int) -> None:
    trials = np.repeat(np.arange(len(lengths)), lengths)
    each = np.repeat(lengths, lengths)
    rows = _thinned(trials, each, most)
    assert 0 < len(rows) <= most
    kept = set(trials[rows])
    assert len(rows) == sum(lengths[trial] for trial in kept)
    assert int(np.argmax(lengths)) in kept
    if len(trials) <= most:
        assert len(rows) == len(trials)
