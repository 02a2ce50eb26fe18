"""Compiling all kernels in advance."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dlrun import portable as portable_numerics
from dlrun.errors import InputError
from dlrun.inspect.warmup import exercises
from dlrun.nn.kernels import machine_code
from dlrun.nn.kernels.rehearsal import Need, rehearsed


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Kernels that are ready to be loaded.

    Attributes:
        compiled: names of those that were compiled now, once for each type of their arguments.
        folder: where compiled kernels are kept; None without a home directory.
        seconds: wall time.
    """

    compiled: tuple[str, ...]
    folder: Path | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the warm-up is.

    Attributes:
        started: small trainings of which it is known what they need, and after the last of these,
            kernels that were compiled.
        total: small trainings, or kernels, in all.
        kernel: the kernel that is compiled now; None if it is a training that has started.
    """

    started: int
    total: int
    kernel: str | None


def warmup(
    *, portable: bool = False, watch: Callable[[Progress], object] = lambda progress: None
) -> WarmUp:
    """Compile all kernels and keep them, so that no training has to.

    They are kept in ``kernels`` of the cache folder (``DLRUN_CACHE``) for this type of processor.
    Kernels that are there already are not compiled again.  The others are compiled in as many
    processes as there are threads (``DLRUN_THREADS``).

    Args:
        portable: whether to compile those of portable numerics, for runs with that setting.
        watch: called for each small training that shows what is needed, and when a kernel is about
            to be compiled; on any thread.

    Raises:
        InputError: Numba is not installed, or the folder cannot be written.
        MachineError: this process has no portable numerics.
    """
    if portable:
        portable_numerics.need("warm-up")
    began = time.perf_counter()
    try:
        trainings = exercises()
    except ImportError as error:
        raise InputError(f"kernels cannot be compiled without Numba: {error}") from error
    from dlrun.nn.kernels.compiled.preparation import preparing

    obstacle = machine_code.obstacle()
    compiled: list[str] = []
    todo: list[Need] = []
    started, total = 0, len(trainings)

    def note(kernel: str) -> None:
        compiled.append(kernel)
        if started < total:
            watch(Progress(started, total, kernel))
        else:
            watch(Progress(min(len(compiled), len(todo)), len(todo), kernel))

    with machine_code.watched(note), preparing() as preparation, rehearsed() as needs:
        for training in trainings:
            started += 1
            watch(Progress(started, total, None))
            known = len(needs)
            training.work()
            todo += preparation.add(list(needs.values())[known:])
            if obstacle is not None and todo:
                raise InputError(f"{obstacle}; set DLRUN_CACHE to a folder of yours")
    return WarmUp(tuple(compiled), machine_code.folder(), time.perf_counter() - began)
