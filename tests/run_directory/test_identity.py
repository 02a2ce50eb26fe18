from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dlrun.run_directory.identity import began, new_id, trial_of

START = datetime(2026, 1, 31, 14, 23, 59, tzinfo=UTC)


def test_ids_sort_by_time_within_a_second_too() -> None:
    times = [START + timedelta(milliseconds=n) for n in range(0, 2000, 1)]
    ids = [new_id(time) for time in times]
    assert ids == sorted(ids)
    assert [began(each) for each in ids] == [time.replace(microsecond=0) for time in times]


@pytest.mark.parametrize(
    ("name", "trial"),
    [("0003-20260131-142359-k3f9qz", (3, 0)), ("0003-2-20260131-142359-k3f9qz", (3, 1))],
)
def test_a_trial_is_part_of_the_name(name: str, trial: tuple[int, int]) -> None:
    assert trial_of(name) == trial
    assert began(name) == START
    assert trial_of("20260131-142359-k3f9qz") is None
