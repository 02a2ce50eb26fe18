"""A program that runs to its end: its time and its peak memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child process ended.

    Attributes:
        seconds: wall time from starting it to its end.
        peak_memory: peak resident bytes (``ru_maxrss``), including pages of mapped files.
        code: exit code; negative is the signal that ended it.
        complaint: the last line it wrote to standard error.
    """

    seconds: float
    peak_memory: int
    code: int
    complaint: str


def run(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    own_memory: int | None = None,
) -> Ended:
    """Run a program and discard its output.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: variables in addition to the inherited ones.
        own_memory: bytes that it may allocate (RLIMIT_DATA).  Pages of a file that is mapped for
            reading do not count.
    """

    def limit() -> None:
        if own_memory is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (own_memory, own_memory))

    with tempfile.TemporaryFile() as complaints, tempfile.NamedTemporaryFile() as found:
        subprocess.run(
            [sys.executable, "-I", "-S", _LAUNCHER, found.name, *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            preexec_fn=limit,
            check=True,
        )
        complaints.seek(0)
        lines = complaints.read().decode(errors="replace").splitlines()
        complaint = next((line for line in reversed(lines) if line.strip()), "")
        return Ended(**json.loads(Path(found.name).read_text()), complaint=complaint)
