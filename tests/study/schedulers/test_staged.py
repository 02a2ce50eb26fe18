"""Batches of trials in stages: which trials have a say in the end of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simulated import simulate
from studies import LOSS

from dlrun.api.study import Study
from dlrun.study.store.job import Job


@pytest.mark.parametrize(
    "keys",
    [{"prune": {"halving": {"min_epochs": 1, "factor": 2}}}, {"racing": True, "repeats": 4}],
    ids=["halving", "race"],
)
def test_trials_that_a_smaller_study_leaves_out_end_no_others(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    def run(job: Job) -> tuple[dict[str, float], int]:
        value = [5.0, 6.0, 0.1, 0.2, 0.3, 0.4, 0.5][job.trial]
        return {LOSS: value + 0.001 * ((3 * job.trial + job.repeat) % 4)}, job.epochs or 4

    simulate(tmp_path, run, **keys, search={"random": {"trials": 6}})
    keys["search"] = {"random": {"trials": 2}}
    simulate(tmp_path, run, **keys)
    added = Study(tmp_path / "studies/search").enqueue({"params.units": 16}).number
    simulate(tmp_path, run, **keys)
    found = {each.number: each.status for each in Study(tmp_path / "studies/search").trials}
    assert added == 6 and found.keys() == {0, 1, 6}
    assert found[added] == "completed"  # better than all that count
