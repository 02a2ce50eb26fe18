"""What a run runs on: versions, processor, threads, BLAS, commit and command line.

Nothing of the process's environment variables is kept: they hold secrets.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from dlrun.processors import processors

_PACKAGES = ("dlrun", "numpy", "numba", "scipy", "scikit-learn", "pillow", "safetensors")
"""What a result can depend on."""


def collect(data: str, threads: int, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Everything about this process that a result can depend on, as plain data for JSON.

    Args:
        data: fingerprint of the data.
        threads: how many threads compute.
        command: the command line; the process's own where None.
    """
    return {
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "command": list(sys.orig_argv if command is None else command),
        "data": data,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: _version(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "cpu": {
            "model": _cpu_model(Path("/proc/cpuinfo")),
            "count": os.cpu_count(),
            "usable": processors(),
        },
        "threads": threads,
        "blas": _blas(),
        "git": git_state(Path.cwd()),
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """The commit that is checked out at ``folder`` and whether tracked files differ from it.

    None where there is no git, no repository, no commit yet or no answer within two seconds.
    """
    command = ("git", "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    try:
        status = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},  # look, and hinder no other git
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    head, changes = "", 0
    for line in status.stdout.splitlines():
        if line.startswith("# branch.oid "):
            head = line.removeprefix("# branch.oid ")
        elif not line.startswith("#"):
            changes += 1
    if head in ("", "(initial)"):
        return None
    return {"commit": head, "dirty": changes > 0}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu_model(cpuinfo: Path) -> str:
    try:
        for line in cpuinfo.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    except OSError:  # only Linux has the file
        pass
    return platform.processor() or platform.machine()


def _blas() -> list[dict[str, Any]]:
    """The BLAS libraries that are loaded, which they are once NumPy is imported."""
    from threadpoolctl import threadpool_info

    return [
        {
            "name": library["internal_api"],
            "version": library["version"],
            "architecture": library.get("architecture"),
            "threads": library["num_threads"],
        }
        for library in threadpool_info()
        if library["user_api"] == "blas"
    ]
