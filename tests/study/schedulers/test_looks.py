from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study
from sweeps import SPEC

from dlrun.errors import DataError
from dlrun.study.events import Looked, TrialEnded
from dlrun.study.ledger import Ledger
from dlrun.study.results.ranking import leaderboard
from dlrun.study.schedulers.looks import Looks
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.job import Job
from dlrun.study.store.state import of_job

KEYS: dict[str, Any] = {
    "spec": SPEC,
    "search": "grid",
    "space": {"params.units": [4, 8]},
    "repeats": 8,
    "looks": [3, 5],
    "claims": [{"c": {"better": {"params.units": 8}, "than": {"params.units": 4}}}],
}
NOISE = [0.03, -0.02, 0.01, 0.0, -0.01, 0.02, -0.03, 0.01]


def train(ledger: Ledger, better: float, *, most: int = 99) -> list[Job]:
    """Train what the scheduler asks for; the second trial is better by so much."""
    scheduler, asked = Looks(ledger), list[Job]()
    while len(asked) < most and (job := scheduler.next([])) is not None:
        asked.append(job)
        value = 1.0 + NOISE[job.repeat] * (1 + job.trial) - better * job.trial
        ledger.record(of_job("started", job, directory=""))
        end(ledger, job, {LOSS: value})
    ledger.conclude()
    return asked


def looked(ledger: Ledger) -> list[tuple[int, int]]:
    return [(look.repeats, len(look.open)) for look in ledger.state.looks]


def test_a_clear_difference_ends_at_the_first_look(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS) as ledger:
        assert train(ledger, 0.9) == [Job(trial, seed) for trial in (0, 1) for seed in range(3)]
        assert looked(ledger) == [(3, 0)]
        board = leaderboard(ledger.plan, ledger.state)
        (verdict,) = board.verdicts
        assert (verdict.holds, verdict.early, board.repeats) == (True, True, 3)
        assert board.conclusion is not None
        assert "after 3 of 8 seeds; 10 of 16 runs were not needed" in board.conclusion.reason
        assert {row.trial.status for row in board.rows} == {"completed"}
        assert train(ledger, 0.9) == []
    with study(tmp_path, **KEYS) as ledger:  # the journal says the same
        assert (looked(ledger), train(ledger, 0.9)) == ([(3, 0)], [])
        assert leaderboard(ledger.plan, ledger.state).conclusion == board.conclusion


def test_none_is_given_up(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS) as ledger:
        assert len(train(ledger, -0.5)) == 6
        (verdict,) = leaderboard(ledger.plan, ledger.state).verdicts
        assert (verdict.holds, verdict.futile) == (False, True)


def test_an_unclear_one_has_all_seeds(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS) as ledger:
        assert len(train(ledger, 0.018)) == 16
        assert looked(ledger) == [(3, 1), (5, 1), (8, 0)]
        board = leaderboard(ledger.plan, ledger.state)
        assert (board.repeats, board.conclusion) == (8, None)
        assert not board.verdicts[0].early


@pytest.mark.parametrize("most", range(1, 10))
def test_it_continues_where_it_was_left(most: int, tmp_path: Path) -> None:
    with study(tmp_path, "whole", **KEYS) as ledger:
        whole = train(ledger, 0.06)
        looks, board = looked(ledger), leaderboard(ledger.plan, ledger.state)
    with study(tmp_path, **KEYS) as ledger:
        first = train(ledger, 0.06, most=most)
    with study(tmp_path, **KEYS) as ledger:
        assert first + train(ledger, 0.06) == whole
        assert looked(ledger) == looks
        assert leaderboard(ledger.plan, ledger.state).verdicts == board.verdicts


def test_events_tell_of_the_look_and_then_of_the_trials(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS) as ledger:
        scheduler = Looks(ledger)
        while (job := scheduler.next([])) is not None:
            end(ledger, job, {LOSS: 1.0 + NOISE[job.repeat] * (1 + job.trial) - job.trial})
        _, look, *trials = scheduler.events
        assert look == Looked(3, 8, ["c"], [], [])
        assert [each.trial.number for each in trials if isinstance(each, TrialEnded)] == [0, 1]


@pytest.mark.parametrize("change", [{"repeats": 9}, {"looks": [3]}, {"looks": None}])
def test_the_plan_is_that_of_the_beginning(change: dict[str, Any], tmp_path: Path) -> None:
    with study(tmp_path, **KEYS):
        pass
    with (
        pytest.raises(DataError, match="of this study cannot change"),
        study(tmp_path, **{**KEYS, **change}),
    ):
        pass


@pytest.mark.parametrize("looks", [KEYS["looks"], None])
def test_claims_are_tested_on_runs_of_the_study_though_another_had_all_trials(
    tmp_path: Path, looks: Any
) -> None:
    with study(tmp_path, "before", **{**KEYS, "repeats": 1, "looks": None, "claims": []}) as ledger:
        rounds = Rounds(ledger, None)
        while (job := rounds.next(())) is not None:
            end(ledger, job, {LOSS: 1.0 - job.trial})
    with study(tmp_path, **{**KEYS, "looks": looks, "from": "studies/before"}) as ledger:
        assert ledger.state.prior_trials.said == [
            "studies/before: 2 of 2 trials are reused in this study",
            "trials of other studies may be suggested again, because claims compare runs of this "
            "one",
        ]
        if looks is None:
            rounds = Rounds(ledger, None)
            while (job := rounds.next(())) is not None:
                end(ledger, job, {LOSS: 1.0 + NOISE[job.repeat] * (1 + job.trial) - job.trial})
        else:
            train(ledger, 0.9)
        (verdict,) = leaderboard(ledger.plan, ledger.state).verdicts
        assert (verdict.holds, verdict.pairs) == (True, 1)


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        (KEYS["claims"], "no claim has a pair of trials to compare"),
        (
            [*KEYS["claims"], {"d": {"better": {"params.units": 16}, "than": {"params.units": 4}}}],
            "all claims that have pairs of trials are decided",
        ),
    ],
)
def test_a_claim_without_pairs_is_not_decided(tmp_path: Path, claims: Any, what: str) -> None:
    keys = {**KEYS, "claims": claims, "space": {"params.units": [4, 8, 16]}}
    with study(tmp_path, **keys) as ledger:
        scheduler = Looks(ledger)
        while (job := scheduler.next([])) is not None:
            value = 1.0 + NOISE[job.repeat] * (1 + job.trial) - 0.3 * job.trial
            end(ledger, job, {} if job.trial == 1 else {LOSS: value})
        assert ledger.conclusion is not None
        assert ledger.conclusion.reason.startswith(f"{what} after 3 of 8 seeds; 15 of 24 runs")
