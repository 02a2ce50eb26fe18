from __future__ import annotations

import signal
from pathlib import Path

import pytest

from dlrun.study.executors.process_end import cause_of_end, killed_from_outside, memory_kills


@pytest.mark.parametrize(
    ("code", "before", "now", "reason"),
    [
        (-signal.SIGKILL, 3, 3, "its process was killed from outside by SIGKILL"),
        (-signal.SIGKILL, 3, 4, None),  # by the kernel, perhaps because of this process
        (-signal.SIGKILL, None, None, None),  # a system that does not count
        (-signal.SIGTERM, 3, 4, "its process was ended by SIGTERM"),
        (-signal.SIGINT, None, None, "its process was ended by SIGINT"),
        (-signal.SIGSEGV, 3, 3, None),
        (1, 3, 3, None),
        (0, 3, 3, None),
    ],
)
def test_only_what_a_process_cannot_have_caused_is_from_outside(
    code: int, before: int | None, now: int | None, reason: str | None
) -> None:
    assert killed_from_outside(code, before, now) == reason


def test_the_kernel_counts_what_it_kills_for_memory(tmp_path: Path) -> None:
    assert memory_kills(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/vmstat").write_text("pgfault 99\noom_kill 12\noom_kill_x 1\n")
    assert memory_kills(tmp_path) == 12
    (tmp_path / "proc/vmstat").write_text("pgfault 99\n")  # before Linux 4.13
    assert memory_kills(tmp_path) is None


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (3, "its process ended with exit code 3"),
        (-signal.SIGSEGV, "its process was killed by SIGSEGV"),
        (-signal.SIGKILL, "its process was killed by SIGKILL (out of memory?)"),
        (-99, "its process was killed by signal 99"),
    ],
)
def test_a_cause_is_a_sentence(code: int, cause: str) -> None:
    assert cause_of_end(code) == cause
