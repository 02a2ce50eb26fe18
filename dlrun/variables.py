"""The environment variables of dlrun; an invalid value is an error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast, get_args

from dlrun.errors import InputError
from dlrun.processors import processors

KernelsName = Literal["numpy", "numba"]

_MOST_THREADS = 1024
_KNOWN = ("DLRUN_CACHE", "DLRUN_KERNELS", "DLRUN_PICTURES", "DLRUN_THREADS")
_PREFIX = "DLRUN_"


def threads() -> int:
    """``DLRUN_THREADS``; if it is unset or empty, the number of processors of this process.

    Raises:
        InputError: it is not a number of threads.
    """
    value = os.environ.get("DLRUN_THREADS", "")
    if not value:
        return processors()
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= _MOST_THREADS):
        raise InputError(
            f"DLRUN_THREADS={value}: not a number of threads; set it to a whole number from 1 to "
            f"{_MOST_THREADS}, or unset it to use all processors"
        )
    return int(value)


def kernels() -> KernelsName | None:
    """``DLRUN_KERNELS``; None if it is unset or empty.

    Raises:
        InputError: it is not the name of a kernel implementation.
    """
    value = os.environ.get("DLRUN_KERNELS", "")
    if value and value not in get_args(KernelsName):
        raise InputError(
            f"DLRUN_KERNELS={value}: unknown kernels; set it to numpy or numba, or unset "
            "it to choose by the size of the network"
        )
    return cast(KernelsName, value) if value else None


def pictures() -> bool:
    """``DLRUN_PICTURES``: whether trainings and studies draw; True if it is unset or empty.

    Raises:
        InputError: it is neither yes nor no.
    """
    value = os.environ.get("DLRUN_PICTURES", "")
    if value not in ("", "yes", "no"):
        raise InputError(
            f"DLRUN_PICTURES={value}: set it to no to draw no pictures, or to yes, or unset it"
        )
    return value != "no"


def cache() -> Path | None:
    """``DLRUN_CACHE``; None if it is unset or empty.

    Raises:
        InputError: the path is not absolute, so each working directory would have a separate cache.
    """
    value = os.environ.get("DLRUN_CACHE", "")
    if value and not Path(value).is_absolute():
        raise InputError(f"DLRUN_CACHE={value}: not an absolute path; begin it with /")
    return Path(value) if value else None


def check() -> Sequence[str]:
    """Check all variables before anything else is done.

    Returns:
        One warning for each unknown variable with a name similar to a known one.

    Raises:
        InputError: a value is invalid.
    """
    threads()
    kernels()
    pictures()
    _check_folder(cache())
    return [line for name in os.environ if (line := _mistaken(name))]


def _check_folder(folder: Path | None) -> None:
    """Check that a cache folder exists or can be created; it may be read-only."""
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.scandir(folder).close()
    except FileExistsError as error:
        raise InputError(f"DLRUN_CACHE={folder}: not a folder; set another path") from error
    except OSError as error:
        raise InputError(
            f"DLRUN_CACHE={folder}: {error.strerror}; set a folder that you can write"
        ) from error


def _mistaken(name: str) -> str | None:
    """A warning for an unknown variable with a name similar to a known one."""
    if not name.startswith(_PREFIX) or name in _KNOWN:
        return None
    from difflib import get_close_matches

    near = get_close_matches(name[len(_PREFIX) :], [known[len(_PREFIX) :] for known in _KNOWN], 1)
    if not near:
        return None
    return f"{name} is ignored, it is not a variable of dlrun; did you mean {_PREFIX}{near[0]}?"
