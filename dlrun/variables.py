"""The environment variables that set up dlrun; a value that cannot be used is an error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast, get_args

from dlrun.errors import InputError
from dlrun.processors import processors

KernelsName = Literal["numpy", "numba"]

_MOST_THREADS = 1024
_KNOWN = ("DLRUN_CACHE", "DLRUN_KERNELS", "DLRUN_THREADS")
_PREFIX = "DLRUN_"


def threads() -> int:
    """``DLRUN_THREADS``; unset or empty, the processors that this process may use.

    Raises:
        InputError: it is not a number of threads.
    """
    asked = os.environ.get("DLRUN_THREADS", "")
    if not asked:
        return processors()
    if not (asked.isascii() and asked.isdecimal() and 1 <= int(asked[:9]) <= _MOST_THREADS):
        raise InputError(
            f"DLRUN_THREADS={asked}: not a number of threads; set it to a whole number from 1 to "
            f"{_MOST_THREADS}, or unset it to use all processors"
        )
    return int(asked)


def kernels() -> KernelsName | None:
    """``DLRUN_KERNELS``; None where it is unset or empty.

    Raises:
        InputError: there are no kernels of that name.
    """
    asked = os.environ.get("DLRUN_KERNELS", "")
    if asked and asked not in get_args(KernelsName):
        raise InputError(
            f"DLRUN_KERNELS={asked}: there are no such kernels; set it to numpy or numba, or unset "
            "it to choose by the size of the network"
        )
    return cast(KernelsName, asked) if asked else None


def cache() -> Path | None:
    """``DLRUN_CACHE``; None where it is unset or empty.

    Raises:
        InputError: the path is not absolute, so that each working directory had a cache of its own.
    """
    asked = os.environ.get("DLRUN_CACHE", "")
    if asked and not Path(asked).is_absolute():
        raise InputError(f"DLRUN_CACHE={asked}: not an absolute path; begin it with /")
    return Path(asked) if asked else None


def check() -> Sequence[str]:
    """Look at all of them before anything is done.

    Returns:
        A line for each variable that is not one of dlrun's, but has nearly the name of one.

    Raises:
        InputError: a value cannot be used.
    """
    threads()
    kernels()
    _check_folder(cache())
    return [line for name in os.environ if (line := _mistaken(name))]


def _check_folder(folder: Path | None) -> None:
    """A cache that can only be read is of use; one that is not there and cannot be made is not."""
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.scandir(folder).close()
    except FileExistsError as fault:
        raise InputError(f"DLRUN_CACHE={folder}: not a folder; give another path") from fault
    except OSError as fault:
        said = fault.strerror
        raise InputError(f"DLRUN_CACHE={folder}: {said}; give a folder of your own") from fault


def _mistaken(name: str) -> str | None:
    """A line on a variable with nearly the name of one of ours."""
    if not name.startswith(_PREFIX) or name in _KNOWN:
        return None
    from difflib import get_close_matches

    near = get_close_matches(name[len(_PREFIX) :], [each[len(_PREFIX) :] for each in _KNOWN], 1)
    if not near:
        return None
    return f"{name} is ignored, dlrun has no such variable; did you mean {_PREFIX}{near[0]}?"
