"""The reasons for which CI may skip a test; hooks make every other skipped test fail there.

On a developer's machine packages may be missing.  In CI, where the variable ``CI`` is ``true``, a
test that is skipped because of that would never run.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

IN_CI: Mapping[str, str] = {
    "only root can give files away": "a CI that does not run as root",
    "Slurm cannot be run: its daemons need root": "a CI that does not run as root",
    "BLAS has one thread anyway": "a CI with one processor",
    "portable numerics are tested on x86-64 with AVX2 and FMA": "a CI on another processor",
}
"""Reasons, and where they are accepted."""


def judged(report: Report) -> Report:
    """The report; a failure if CI must not skip this test."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if reason.removeprefix("Skipped: ") not in IN_CI:
        report.outcome = "failed"
        report.longrepr = (
            f"CI must not skip this test, because tests/support/skips.py does not list it: {reason}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return judged((yield))
