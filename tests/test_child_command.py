"""Processes of dlrun run functions of dlrun, and nothing of the working directory."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dlrun.child_command import child_command, piped_child


def test_functions_are_called_in_their_order(tmp_path: Path) -> None:
    command = child_command("dlrun.child_command:child_command", "dlrun.nowhere:main")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No module named 'dlrun.nowhere'" in done.stderr


def test_nothing_in_the_working_directory_is_imported(tmp_path: Path) -> None:
    for name in ("json", "dlrun", "importlib", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger')\n")
    calls = ("json:JSONDecoder", "numpy:get_include", "dlrun.child_command:child_command")
    command = child_command(*calls)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_piped_child_speaks_through_pipes_alone() -> None:
    child = piped_child("builtins:input", "builtins:help", "builtins:input")
    answer, errors = child.communicate(b"first\nquit\n")
    assert child.returncode == 1  # there is no third line
    assert b"help" in answer
    assert errors is None  # its message goes nowhere
