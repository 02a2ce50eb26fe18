from __future__ import annotations

import pytest

from dlrun.cli.study_live import sparkline


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 5, ""),
        ([0.0, 1.0], 5, "▁█"),
        ([3.0, 3.0], 5, "▅▅"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([0, 0, 7, 7], 2, "▁█"),
    ],
)
def test_a_curve_in_letters(values: list[float], width: int, line: str) -> None:
    assert sparkline(values, width) == line


def test_a_curve_is_no_wider_than_it_may_be() -> None:
    for length in range(1, 100):
        assert len(sparkline([float(n) for n in range(length)], 20)) <= 20
