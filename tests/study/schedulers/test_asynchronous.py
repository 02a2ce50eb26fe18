from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC

from dlrun.search.pruners.base import PromotingPruner
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.store.trial import Trial


def asha(
    folder: Path,
    trials: int,
    failing: tuple[int, ...] = (),
    *,
    sign: int = 1,
    killed_after: int | None = None,
    **more: Any,
) -> list[Trial]:
    """A study with one worker, in which lower numbers are better; some fail after a rung.

    Args:
        sign: -1 if higher numbers are better.
        killed_after: the study ends with the first rung of this trial.
        more: keys of the sweep.
    """
    keys: dict[str, Any] = {
        "search": {"random": {"trials": trials}},
        "prune": {"asha": {"min_epochs": 1, "factor": 3}},
        "spec": {**SPEC, "epochs": 27},
        **more,
    }
    with study(folder, **keys) as ledger:
        prune = ledger.plan.sweep.prune
        assert isinstance(prune, PromotingPruner)
        flow = Flow(ledger, prune)
        while (job := flow.next(())) is not None:
            broken = job.trial in failing and job.epochs != 1
            end(ledger, job, {} if broken else {LOSS: sign * float(job.trial)}, epochs=27)
            if job.trial == killed_after:
                break
        write(ledger)
        return ledger.trials()


@pytest.mark.parametrize("trials", [1, 2, 3, 8, 20, 27])
def test_a_study_has_a_trial_that_came_to_its_end(tmp_path: Path, trials: int) -> None:
    """Also with fewer trials than factor to the power of rungs, 27."""
    found = asha(tmp_path, trials)
    assert [each.number for each in found if each.status == "completed"] == [0]
    assert all(each.status == "pruned" for each in found[1:])
    assert (tmp_path / "studies/search/best.yaml").exists()


def test_if_the_best_fails_the_next_takes_its_place(tmp_path: Path) -> None:
    found = asha(tmp_path, 5, failing=(0, 1))
    assert [each.status for each in found] == ["failed", "failed", "completed", "pruned", "pruned"]


def test_with_more_trials_nothing_is_taken_back(tmp_path: Path) -> None:
    asha(tmp_path, 2)
    found = asha(tmp_path, 6)
    assert [each.number for each in found if each.status == "completed"] == [0]
    assert not [each for each in found if each.status == "unfinished"]


def test_trials_that_wait_at_the_end_do_not_wear_out_the_patience(tmp_path: Path) -> None:
    asha(tmp_path, 8, until={"patience": 5})
    assert len(asha(tmp_path, 12, until={"patience": 5})) == 12


@pytest.mark.parametrize("trials", [2, 5, 8])
def test_a_trial_that_is_no_longer_requested_is_not_promoted(tmp_path: Path, trials: int) -> None:
    """Killed between the end of a run and its promotion, and continued with fewer trials."""
    asha(tmp_path, 9, sign=-1, killed_after=8)
    found = asha(tmp_path, trials, sign=-1)
    assert {each.status for each in found} == {"completed", "pruned"}
