"""How many seeds the comparisons of a study need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC

from dlrun.power import cautious, pairs_needed, smallest_effect
from dlrun.study.batches import batch
from dlrun.study.ledger import Ledger
from dlrun.study.results.ranking import leaderboard
from dlrun.study.results.seeds_needed import SeedsNeeded, seeds_needed
from dlrun.study.store.job import Job

KEYS: dict[str, Any] = {"spec": SPEC, "search": "grid", "space": {"params.units": [4, 8]}}
BETTER = {"better": {"params.units": 8}, "than": {"params.units": 4}}


def plans(ledger: Ledger, *runs: list[float], score: str = LOSS) -> list[SeedsNeeded]:
    batch(ledger, 0)
    for trial, values in enumerate(runs):
        for repeat, value in enumerate(values):
            end(ledger, Job(trial, repeat), {score: value})
    write(ledger)
    return seeds_needed(leaderboard(ledger.plan, ledger.state))


def test_a_claim_and_the_two_best_are_planned(tmp_path: Path) -> None:
    worse, better = [0.5, 0.6, 0.8], [0.4, 0.3, 0.75]
    with study(tmp_path, **KEYS, repeats=3, claims=[{"c": BETTER}]) as ledger:
        claim, trials = plans(ledger, worse, better)
    assert (claim.comparison, trials.comparison) == ("claim 'c'", "trial 1 over trial 0")
    differences = np.array(worse) - np.array(better)
    for each in (claim, trials):
        assert each.difference == pytest.approx(differences.mean())
        assert each.std == pytest.approx(differences.std(ddof=1))
        spread = cautious(each.std, 3)
        assert each.needed == pairs_needed(each.difference, spread, 0.025)
        assert each.smallest == {
            n: pytest.approx(smallest_effect(spread, n, 0.025)) for n in (3, 6, 12)
        }
    told = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())["seeds_needed"]
    assert [each["needed"] for each in told] == [claim.needed, trials.needed]
    assert [each["seeds"] for each in told[0]["smallest"]] == [3, 6, 12]


def test_several_claims_need_more_seeds(tmp_path: Path) -> None:
    again = {"better": {"params.units": 4}, "than": {"params.units": 8}}
    with study(tmp_path, **KEYS, repeats=3, claims=[{"c": BETTER}, {"not c": again}]) as ledger:
        claim, opposite, trials = plans(ledger, [0.5, 0.6, 0.8], [0.4, 0.3, 0.75])
    assert claim.confidence == opposite.confidence == pytest.approx(0.975)
    assert claim.needed is not None and trials.needed is not None
    assert claim.needed > trials.needed
    assert opposite.difference < 0 and opposite.needed is None


def test_a_score_in_steps_has_their_deviation(tmp_path: Path) -> None:
    """Equal differences of accuracies on 22 samples are not known exactly."""
    score = "validation.accuracy"
    with study(tmp_path, **KEYS, repeats=3, objective={"maximize": score}) as ledger:
        (trials,) = plans(ledger, [0.5, 0.6, 0.7], [0.75, 0.85, 0.95], score=score)
    assert trials.difference == pytest.approx(0.25)
    assert trials.std == pytest.approx(1 / 22)


def test_without_variation_or_an_end_nothing_is_planned(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS, repeats=3) as ledger:
        assert plans(ledger, [0.5, 0.6, 0.7], [0.75, 0.85]) == []  # a run is missing
    with study(tmp_path, "one", **KEYS) as ledger:
        assert plans(ledger, [0.5], [0.75]) == []
    with study(tmp_path, "equal", **KEYS, repeats=2) as ledger:
        assert plans(ledger, [0.5, 0.5], [0.75, 0.75]) == []
