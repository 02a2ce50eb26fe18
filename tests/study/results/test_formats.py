"""The files of a leaderboard."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from studies import LOSS, end, study

from dlrun.study.batches import batch
from dlrun.study.results.formats import as_csv
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.job import Job

TWO = [{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}]


def test_columns_have_different_names_also_without_a_front(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8]}}
    with study(tmp_path, **keys, objectives=TWO, repeats=2) as ledger:
        batch(ledger, 0)
        for trial in range(2):
            for repeat in range(2):
                end(ledger, Job(trial, repeat), {})
        (header, *_) = csv.reader(io.StringIO(as_csv(leaderboard(ledger.plan, ledger.state))))
    assert len(set(header)) == len(header)
    assert header[3:6] == [
        "validation.accuracy",
        "validation.accuracy.low",
        "validation.accuracy.high",
    ]


def test_null_is_not_the_same_as_a_key_that_a_trial_does_not_have(tmp_path: Path) -> None:
    stopping = {"choice": [None, {"patience": 1}], "when": {"optimizer": "adam"}}
    space = {"optimizer": ["sgd", "adam"], "early_stopping": stopping}
    with study(tmp_path, search="grid", space=space) as ledger:
        batch(ledger, 0)
        for trial in range(3):
            end(ledger, Job(trial, 0), {LOSS: 0.1 * trial})
        text = as_csv(leaderboard(ledger.plan, ledger.state))
    table = csv.DictReader(io.StringIO(text))
    found = [(row["optimizer"], row["early_stopping"]) for row in table]
    assert found == [("sgd", ""), ("adam", "null"), ("adam", '{"patience": 1}')]
