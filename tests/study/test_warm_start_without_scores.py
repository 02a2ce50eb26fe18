"""Earlier trials that are in the space, but of which none has a score that counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.study.batches import batch
from dlrun.study.propose import propose
from dlrun.study.store.job import Job
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.sweep.compile import read_plan
from dlrun.study.warm_start import warm_start

UNITS: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8]}}
HIGH = {"limits": [f"{LOSS} > 0.9"]}


def before(folder: Path, *losses: float | None) -> None:
    """A study with such losses; None is a failure."""
    with study(folder, "before", **UNITS) as ledger:
        batch(ledger, 0)
        for trial, loss in enumerate(losses):
            end(ledger, Job(trial, 0), {} if loss is None else {LOSS: loss})


def taken(folder: Path, **keys: Any) -> PriorTrials:
    more = {"search": "grid", "space": {"params.units": [4, 8, 16]}, **keys}
    plan = read_plan(write_sweep(folder, **{"from": "studies/before", **more}))
    found = warm_start(plan)
    new = propose(plan, found, [], [], 9, 0)
    words = [each.suggestion for each in found.known]
    assert not any(each in words for each in new)  # no sampler repeats them
    return found


@pytest.mark.parametrize(
    ("losses", "keys", "why"),
    [
        ((0.25, 0.75), HIGH, "they failed or do not meet the limits"),
        ((None, 0.75), HIGH, "they failed or do not meet the limits"),
        ((None, None), {}, "all of them failed"),
    ],
)
def test_they_count_as_failed(
    tmp_path: Path, losses: tuple[float | None, ...], keys: dict[str, Any], why: str
) -> None:
    before(tmp_path, *losses)
    found = taken(tmp_path, **keys)
    assert sorted(each.suggestion["params.units"] for each in found.known) == [4, 8]
    assert [each.point for each in found.known] == [None, None]
    said = "studies/before: 2 of 2 trials are reused in this study as trials without a score: "
    assert found.said == [said + why] and not found.first


def test_failures_with_other_data_are_of_no_use(tmp_path: Path) -> None:
    before(tmp_path, None, None)
    data = {**SPEC["data"], "source": {"blobs": {"samples": 120, "noise": 2.0}}}
    with pytest.raises(SpecError, match="none of its 2 trials was completed; name another study"):
        taken(tmp_path, spec={**SPEC, "data": data})
