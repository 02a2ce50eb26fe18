"""The environment of a run: versions, processor, threads, BLAS, commit and command line.

Environment variables of the process are not recorded, because they can contain secrets.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from dlrun.processors import processors
from dlrun.run_directory.git import git_state

_PACKAGES = ("dlrun", "numpy", "numba", "scipy", "scikit-learn", "pillow")
"""Packages that results can depend on."""


def collect(data: str, threads: int, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Everything about this process that a result can depend on, as plain data for JSON.

    Args:
        data: fingerprint of the data.
        threads: number of compute threads.
        command: the command line; None for that of this process.
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
        "git": _git_state(),
    }


def _git_state() -> dict[str, Any] | None:
    """That of the working directory; None also if it was removed."""
    try:
        return git_state(Path.cwd())
    except FileNotFoundError:
        return None


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
    """The loaded BLAS libraries; importing NumPy loads one."""
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
