"""Matplotlib documents itself only in processes that dlrun has not started."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from dlrun.libraries import import_matplotlib, leave_out_settings

if {own}:
    leave_out_settings()
import_matplotlib()
from matplotlib.lines import Line2D

print("linewidth: float" in Line2D.set.__doc__)
line = Line2D([0], [0])
line.set(linewidth=3)
assert line.get_linewidth() == 3
"""


@pytest.mark.parametrize("own", [True, False])
def test_matplotlib_writes_no_documentation_in_processes_of_dlrun(own: bool) -> None:
    command = [sys.executable, "-c", PROGRAM.format(own=own)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(not own)
