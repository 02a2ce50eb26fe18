"""Folders for cached files, and checks that no other user could have written them."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from dlrun import variables


def folder(name: str) -> Path | None:
    """A folder in ``DLRUN_CACHE`` or else in ``~/.cache/dlrun``; None if the user has no home.

    It may not exist yet.
    """
    configured = variables.cache()
    if configured is not None:
        return configured / name
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        root = caches if caches.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # the user is unknown to the system
        return None
    return root / "dlrun" / name


def make(path: Path) -> None:
    """Create a cache folder that only its user can write, and its parent folders.

    Raises:
        OSError: it cannot be created.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def stranger(path: Path) -> Path | None:
    """The first of a path and its parent folders that another user could have written.

    None if only this user and root could have written the file.  The rule is that of OpenSSH's
    StrictModes, applied to the real path, with links resolved: every step belongs to this user
    or to root, and no one else can write it, except for folders with the sticky bit (``/tmp``) and
    for the user's private group.

    Raises:
        OSError: a step cannot be checked, or the path does not exist.
    """
    real = Path(os.path.realpath(path, strict=True))
    for step in (real, *real.parents):
        if foreign(step.lstat()):
            return step
    return None


def foreign(status: os.stat_result) -> bool:
    """Whether another user owns a file or folder, or can write it; see ``stranger``."""
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    by_others = status.st_mode & stat.S_IWOTH and not sticky
    by_group = status.st_mode & stat.S_IWGRP and not sticky and not _group_of_one(status.st_gid)
    return bool(status.st_uid not in (0, os.geteuid()) or by_others or by_group)


def _group_of_one(group: int) -> bool:
    """Whether a group is the private group that many systems create for each user."""
    if group == 0:
        return True
    try:
        user = pwd.getpwuid(os.geteuid())
        entry = grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and not set(entry.gr_mem) - {user.pw_name}
