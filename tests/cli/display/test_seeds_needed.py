"""The table of seeds."""

from __future__ import annotations

import pytest

from dlrun.cli.display.seeds_needed import print_seeds_needed
from dlrun.cli.display.terminal import Terminal
from dlrun.study.results.seeds_needed import SeedsNeeded


def test_a_line_per_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    smallest = {3: 0.85, 6: 0.31, 12: 0.18}
    plans = [
        SeedsNeeded("claim 'a'", 0.47, 0.1, 0.95, 3, 5, smallest),
        SeedsNeeded("trial 2 over trial 3", 1e-9, 0.1, 0.95, 3, None, smallest),
        SeedsNeeded("claim 'b'", -0.2, 0.1, 0.95, 3, None, smallest),
    ]
    print_seeds_needed(Terminal(), plans)
    assert capsys.readouterr().out.splitlines() == [
        "",
        "seeds for 80 % power  difference   needs  shown by 3    by 6   by 12",
        "claim 'a'                 0.4700       5      0.8500  0.3100  0.1800",
        "trial 2 over trial 3   1.000e-09  >10000      0.8500  0.3100  0.1800",
        "claim 'b'                -0.2000       -      0.8500  0.3100  0.1800",
    ]


def test_nothing_for_a_study_of_one_seed(capsys: pytest.CaptureFixture[str]) -> None:
    print_seeds_needed(Terminal(), [])
    assert capsys.readouterr().out == ""
