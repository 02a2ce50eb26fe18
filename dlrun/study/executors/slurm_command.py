"""Commands of Slurm, and their output."""

from __future__ import annotations

import shlex
import subprocess

_ANSWER = 60.0
"""Time limit of a Slurm command in seconds."""


class SlurmError(Exception):
    """A command of Slurm failed."""


def ask_slurm(*command: str, script: str | None = None) -> str:
    """The output of a Slurm command.

    Raises:
        SlurmError: it is not installed, fails, or does not end.
    """
    try:
        done = subprocess.run(
            command,
            input=script,
            stdin=subprocess.DEVNULL if script is None else None,
            capture_output=True,
            text=True,
            timeout=_ANSWER,
            start_new_session=True,  # Ctrl-C is for the study
        )
    except FileNotFoundError as error:
        raise SlurmError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise SlurmError(f"{command[0]} did not answer within {_ANSWER:.0f} s") from error
    if done.returncode != 0:
        output = " ".join((done.stderr or done.stdout).split())
        raise SlurmError(f"{shlex.join(command[:1])}: {output or f'exit code {done.returncode}'}")
    return done.stdout
