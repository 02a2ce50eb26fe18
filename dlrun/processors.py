"""Number of processors that this process may use: its affinity, and its container's quota."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ROOT = Path("/")


def processors(root: Path = _ROOT) -> int:
    """Processors that this process may use, at least 1.

    The smaller of its affinity (taskset, cpusets, Slurm) and its quota, rounded up: a container
    started with ``--cpus=1.5`` counts as 2.

    Args:
        root: the directory that contains ``/proc`` and the mounts of control groups.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limit = quota(root)
    return max(1, min(bound or 1, bound or 1 if limit is None else math.ceil(limit)))


def quota(root: Path = _ROOT) -> float | None:
    """CPU quota of this process's control groups, in processors; None without a limit.

    Linux has two versions of control groups, which can be mounted at the same time, and every group
    from the process's own up to the mount can have a limit: the smallest one counts.  The files are
    described in the kernel's Documentation/admin-guide/cgroup-v2.rst (``cpu.max``) and
    Documentation/scheduler/sched-bwc.rst (``cpu.cfs_quota_us``, ``cpu.cfs_period_us``).

    Args:
        root: as for ``processors``.
    """
    return min((each for group in _groups(root) for each in _limits(group)), default=None)


def _groups(root: Path) -> Iterator[Path]:
    """The directories of this process's groups, and of all groups above them."""
    paths = dict(_paths(_lines(root / "proc/self/cgroup")))
    for version, above, mounted in _mounts(_lines(root / "proc/self/mountinfo")):
        if version not in paths:
            continue
        mount = root / mounted.lstrip("/")
        below = os.path.relpath(paths[version], above)
        # A mount may show only a part of the tree, without this process's group; then use its top.
        group = mount if below.startswith("..") else mount / below
        yield group
        yield from (each for each in group.parents if each.is_relative_to(mount))


def _paths(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Version and path of the process's groups, from lines ``4:cpu,cpuacct:/a`` or ``0::/b``."""
    for line in lines:
        _, controllers, path = line.split(":", maxsplit=2)
        if not controllers:
            yield 2, path
        elif "cpu" in controllers.split(","):
            yield 1, path


def _mounts(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Version, group and mount point of mounts, from lines as in proc_pid_mountinfo(5)."""
    for line in lines:
        mount, _, kind = line.partition(" - ")
        _, _, _, above, mounted, *_ = mount.split(" ")
        system, _, options = kind.split(" ", maxsplit=2)
        if system == "cgroup2":
            yield 2, _unescaped(above), _unescaped(mounted)
        elif system == "cgroup" and "cpu" in options.split(","):
            yield 1, _unescaped(above), _unescaped(mounted)


def _limits(group: Path) -> Iterator[float]:
    """Processors that a group may use, if it has a limit."""
    for words in (
        " ".join(_lines(group / "cpu.max")).split(),
        [*_lines(group / "cpu.cfs_quota_us"), *_lines(group / "cpu.cfs_period_us")],
    ):
        with suppress(ValueError):  # no such file, or "max", which means no limit
            quota, period = map(int, words)
            if quota > 0 and period > 0:
                yield quota / period


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # another system, or another version of control groups
        return []


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)
