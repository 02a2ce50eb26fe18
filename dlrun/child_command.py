"""The command line of a Python process that runs functions of dlrun."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
from importlib import import_module
if sys.argv[1] not in sys.path:
    sys.path.append(sys.argv[1])
for call in sys.argv[2:]:
    module, _, function = call.partition(":")
    getattr(import_module(module), function)()
"""
_HOME = Path(__file__).absolute().parents[1]


def child_command(*calls: str) -> list[str]:
    """A command that calls functions without arguments, one after the other.

    With ``-P`` and ``-c`` instead of ``-m``, no file of the working directory, which may be a
    stranger's, is imported as a module.

    Args:
        calls: functions as ``module:function``; a module is imported when it is its turn.
    """
    return [sys.executable, "-P", "-c", _PROGRAM, str(_HOME), *calls]


def piped_child(*calls: str) -> subprocess.Popen[bytes]:
    """Start a process that calls functions and speaks through pipes; it prints nothing.

    Args:
        calls: see ``child_command``.

    Raises:
        OSError: the system cannot start it.
    """
    return subprocess.Popen(
        child_command(*calls),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",  # libraries read settings in the working directory, see dlrun.libraries
    )
