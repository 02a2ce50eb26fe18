"""``dlrun plan``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sweeps import SPEC, write_sweep

Dlrun = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_a_plan_says_what_fits_and_leaves_nothing(dlrun: Dlrun, tmp_path: Path) -> None:
    spec = {**SPEC, "epochs": 9, "log": ["tensorboard"]}
    prune = {"halving": {"min_epochs": 1, "factor": 3}}
    sweep = write_sweep(tmp_path, spec=spec, prune=prune)
    result = dlrun("plan", sweep, "--jobs", "2", "--time", "1h30m")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "search  minimize validation.loss  6 trials, 6 runs"
    assert lines[3:5] == ["budget  1h30m", "rungs  1, 3 of 9 epochs"]
    assert re.fullmatch(r"about \S+ in all \(\S+ to \S+\), 14 epochs \(\S+ ms per step\)", lines[5])
    assert lines[6] == "all trials fit into the budget"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep.yaml"]


def test_a_plan_as_json(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search="random", space={"epochs": [10**7]})
    result = dlrun("plan", sweep, "--jobs", "1", "--json", "--time", "2s", "budget.epochs=null")
    found = json.loads(result.stdout)
    assert (found["fits"], found["time"], found["rungs"]) == (0, 2.0, [])
    result = dlrun("plan", sweep, "--time", "soon")
    assert result.returncode == 2
    assert "'time' must be a duration such as 90s, 45m or 3h50m, got 'soon'" in result.stderr


@pytest.mark.parametrize("prune", ["freeze_thaw", "median"])
def test_epochs_that_scores_decide_are_an_upper_bound(
    dlrun: Dlrun, tmp_path: Path, prune: str
) -> None:
    result = dlrun("plan", write_sweep(tmp_path, prune=prune))
    assert re.search(r"^at most about \S+ in all .* 24 epochs ", result.stdout, re.MULTILINE)
