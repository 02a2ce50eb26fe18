"""Where things are kept that can be made again, and whether what is found there can be trusted."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from dlrun import variables


def folder(name: str) -> Path | None:
    """A folder of ``DLRUN_CACHE`` or else of the user's ``~/.cache/dlrun``; None without a home.

    It need not exist.
    """
    asked = variables.cache()
    if asked is not None:
        return asked / name
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        root = caches if caches.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # a user whom the system does not know
        return None
    return root / "dlrun" / name


def make(path: Path) -> None:
    """Make a cache folder that only its user can write, and the folders above it.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def stranger(path: Path) -> Path | None:
    """The first of a path and the folders above it that another user could have written.

    None where only this user and root can have written what is at the path.  The rule is that of
    OpenSSH's StrictModes, for the real path, with links resolved: every step belongs to this user
    or to root, and is writable by nobody else, except folders with the sticky bit (``/tmp``) and
    the user's own group of one.

    Raises:
        OSError: a step cannot be looked at, or there is nothing at the path.
    """
    real = Path(os.path.realpath(path, strict=True))
    for step in (real, *real.parents):
        if foreign(step.lstat()):
            return step
    return None


def foreign(status: os.stat_result) -> bool:
    """Whether another user owns a file or a folder, or can write it; the rule of ``stranger``."""
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    by_others = status.st_mode & stat.S_IWOTH and not sticky
    by_group = status.st_mode & stat.S_IWGRP and not sticky and not _group_of_one(status.st_gid)
    return bool(status.st_uid not in (0, os.geteuid()) or by_others or by_group)


def _group_of_one(group: int) -> bool:
    """Whether a group is the one that many systems make for each user, with nobody else in it."""
    if group == 0:
        return True
    try:
        user = pwd.getpwuid(os.geteuid())
        entry = grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and not set(entry.gr_mem) - {user.pw_name}
