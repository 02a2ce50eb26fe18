"""How a search ends whose space has, or seems to have, no further values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import study
from sweeps import SPEC

from dlrun.search.samplers import base
from dlrun.study.suggest import suggest

SGD = {**SPEC, "optimizer": {"sgd": {"lr": 0.1}}}
RATE, MOMENTUM = "optimizer.sgd.lr", "optimizer.sgd.momentum"
SPACE: dict[str, Any] = {RATE: {"uniform": [0.001, 1]}, MOMENTUM: {"uniform": [0, 0.99]}}


@pytest.mark.parametrize("search", ["random", "sobol"])
def test_a_range_is_searched_for_the_few_values_that_fit(tmp_path: Path, search: str) -> None:
    keys: dict[str, Any] = {"spec": SGD, "space": SPACE, "search": {search: {"trials": 6}}}
    with study(tmp_path, constraints=[f"{RATE} + {MOMENTUM} <= 0.03"], **keys) as ledger:
        found = suggest(ledger, [], [], 6)
        assert len(found) == 6 and ledger.conclusion is None


def test_a_range_is_never_said_to_be_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single trial fits, but only its values show that."""
    monkeypatch.setattr(base, "_MANY", 5000)  # instead of seconds
    rate = "optimizer.adam.lr"
    space = {
        "optimizer": ["sgd", "adam"],
        rate: {"uniform": [0.001, 0.1], "when": {"optimizer": "adam"}},
    }
    keys: dict[str, Any] = {"space": space, "search": {"random": {"trials": 3}}}
    with study(tmp_path, constraints=[f"{rate} > 0.1"], **keys) as ledger:
        assert list(suggest(ledger, [], [], 3)) == [{"optimizer": "sgd"}]
        assert list(suggest(ledger, [], [{"optimizer": "sgd"}], 2)) == []
        assert ledger.conclusion is not None
        said = "space: no further values were found that satisfy the constraints; "
        assert ledger.conclusion.sentence == f"{said}loosen one, or widen the space"


def test_values_that_can_be_counted_have_been_tried(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "space": {"params.units": [4, 8, 16, 32]},
        "search": {"random": {"trials": 9}},
    }
    with study(tmp_path, constraints=["params.units < 32"], **keys) as ledger:
        found = suggest(ledger, [], [], 9)
        assert len(found) == 3 and ledger.conclusion is None
        assert list(suggest(ledger, [], found, 6)) == []
        assert ledger.conclusion is not None
        assert ledger.conclusion.sentence == "space: all of its values have been tried"
