"""What becomes of trials that were halted before their end."""

from __future__ import annotations

from typing import Any

import pytest

from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import points, trials
from dlrun.study.sweep.objective import Objective

LOSS = Objective(minimize="validation.loss")
ACCURACY = Objective(maximize="validation.accuracy")


def ended(trial: int, rung: int, value: float, epochs: int, score: str) -> dict[str, Any]:
    outcome = {
        "status": "completed",
        "reason": "",
        "scores": {score: value},
        "epochs": epochs,
        "cost": 0.0,
        "seconds": 0.0,
        "directory": "",
    }
    return {"event": "ended", "trial": trial, "repeat": 0, "epochs": rung, "outcome": outcome}


def study(
    curves: dict[int, dict[int, float]], pruned: dict[int, int], goal: Objective = LOSS
) -> list[Trial]:
    """Trials with a value a rung, of which 0 is the end, after 27 epochs."""
    suggestions = [{"a": number} for number in curves]
    state = State()
    state.apply({"event": "batch", "batch": 0, "suggestions": suggestions})
    for number, curve in curves.items():
        for rung, value in curve.items():
            state.apply(ended(number, rung, value, rung or 27, goal.score))
    for number, epochs in pruned.items():
        state.apply({"event": "pruned", "trials": [number], "epochs": epochs})
    return trials(state, [goal], 1, None)


def test_a_halted_trial_changes_as_those_that_went_on() -> None:
    curves = {
        0: {3: 0.20, 9: 0.40, 0: 0.50},
        1: {3: 0.10, 9: 0.35, 0: 0.42},
        2: {3: 0.15, 9: 0.45},
        3: {3: 0.25},
        4: {3: 0.24},
    }
    found = study(curves, {2: 9, 3: 3, 4: 3})
    # From 9 epochs on, 0 and 1 lose 0.10 and 0.07; from 3 on, 0, 1 and 2 lose 0.30, 0.32, 0.385.
    at_nine = 0.45 + 0.085
    expected = [0.50, 0.42, at_nine, 0.25 + 0.32, 0.24 + 0.32]
    assert [each.expected[0] for each in found] == pytest.approx(expected)
    assert [each.values for each in found] == [(0.5,), (0.42,), (0.45,), (0.25,), (0.24,)]
    assert points(found, [LOSS]) == [pytest.approx([each]) for each in expected]


@pytest.mark.parametrize("goal", [LOSS, ACCURACY], ids=["less", "more"])
def test_a_halted_trial_is_no_better_than_the_best_that_went_on(goal: Objective) -> None:
    """A loss of 0.16 after 3 epochs that would be 0.49 after all is not the best of the study."""
    curves = {0: {3: 0.15, 0: 0.14}, 1: {3: 0.16}, 2: {3: 0.14, 0: 0.02}}
    values = {
        number: {rung: goal.sign * value for rung, value in curve.items()}
        for number, curve in curves.items()
    }
    found = study(values, {1: 3}, goal)
    expected = max(0.16 + (-0.01 - 0.12) / 2, 0.02)
    assert found[1].expected[0] * goal.sign == pytest.approx(expected)
    assert min(points(found, [goal])) == [pytest.approx(0.02)]
    low = {number: {rung: each - 0.5 for rung, each in c.items()} for number, c in curves.items()}
    low[1] = {3: -9.0}
    assert study(low, {1: 3})[1].expected == (pytest.approx(-0.48),)


def test_without_rungs_it_keeps_its_score_as_far_as_that_is_not_the_best() -> None:
    curves = {0: {0: 0.3}, 1: {0: 0.2}, 2: {0: 0.4}, 3: {0: 0.1}}
    found = study(curves, {2: 5, 3: 6})
    assert [each.expected for each in found] == [(0.3,), (0.2,), (0.4,), (0.2,)]
    assert [each.expected for each in study({0: {3: 0.4}}, {0: 3})] == [(0.4,)]


def test_a_cost_is_known_for_the_end() -> None:
    """That of the training grows with the epochs, that of the weights stays; none is a guess."""
    training, weights = Objective(minimize="cost.training"), Objective(minimize="cost.parameters")
    curves = {0: {3: 30.0, 0: 270.0}, 1: {3: 10.0}, 2: {3: 50.0}}
    found = study(curves, {1: 3, 2: 3}, training)
    assert [each.expected[0] for each in found] == pytest.approx([270.0, 90.0, 450.0])
    curves = {0: {3: 30.0, 0: 30.0}, 1: {3: 10.0}, 2: {3: 50.0}}
    found = study(curves, {1: 3, 2: 3}, weights)
    assert [each.expected[0] for each in found] == [30.0, 10.0, 50.0]
