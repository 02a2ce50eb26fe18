"""Portable numerics: every processor runs the code of one instruction set, so that bits agree.

NumPy, BLAS and Numba choose their code by the processor: wider vectors add in another order, and a
fused multiplication rounds once.  Environment variables make them choose the code of an older
processor, but only until they are loaded.  So a process is *pinned* by its environment, before it
starts, and this module finds out whether it is.

The C library chooses, too, but only between code with and without AVX2 and FMA (glibc).  OpenBLAS
divides large matrices by constants of the chosen processor, not by the size of the cache.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import Path

from dlrun.errors import MachineError, NotPinnedError


@dataclass(frozen=True, slots=True)
class Target:
    """An instruction set, and its names in the libraries.

    Attributes:
        name: for people.
        flags: what the processor must have, as Linux calls it in ``/proc/cpuinfo``.
        numpy: instruction sets for which NumPy may have been built, or choose code.
        blas: the processor of OpenBLAS.
        llvm: the processor of Numba's compiler, and its features.
    """

    name: str
    flags: frozenset[str]
    numpy: frozenset[str]
    blas: str
    llvm: tuple[str, str]


_X86_V2 = "SSE", "SSE2", "SSE3", "SSSE3", "SSE41", "POPCNT", "SSE42", "LAHF", "CX16", "X86_V2"
_X86 = Target(
    "x86-64-v3",
    frozenset(("avx2", "fma", "f16c", "bmi1", "bmi2", "movbe", "abm")),
    frozenset((*_X86_V2, "AVX", "F16C", "FMA3", "AVX2", "BMI", "BMI2", "LZCNT", "MOVBE", "X86_V3")),
    "Haswell",
    ("x86-64-v3", "+avx2,+fma"),
)
_ARM = Target(
    "armv8-a",
    frozenset(("asimd",)),
    frozenset(("NEON", "NEON_FP16", "NEON_VFPV4", "ASIMD")),
    "ARMV8",
    ("generic", "+neon"),
)
_TARGETS = {"x86_64": _X86, "amd64": _X86, "aarch64": _ARM, "arm64": _ARM}

CODE_SETTINGS = (
    "NUMBA_BOUNDSCHECK",
    "NUMBA_DEBUGINFO",
    "NUMBA_DISABLE_JIT",
    "NUMBA_ENABLE_AVX",
    "NUMBA_LOOP_VECTORIZE",
    "NUMBA_OPT",
    "NUMBA_SLP_VECTORIZE",
)
"""Variables that change the machine code that Numba generates, besides the processor."""
_REMOVED = ("NPY_DISABLE_CPU_FEATURES", *CODE_SETTINGS)
_TUNABLES, _FLAGS_OF_GLIBC = "GLIBC_TUNABLES", "glibc.cpu.hwcaps="
_NUMPY = "numpy._core._multiarray_umath"
_ROOT = Path("/")


def need(place: object, root: Path = _ROOT) -> None:
    """Make sure that this process computes with portable numerics.

    Args:
        place: what needs it, such as a place in a spec; messages begin with it.
        root: the directory that contains ``/proc``.

    Raises:
        NotPinnedError: it does not, but a process with ``environment`` would.
        MachineError: it does not, and another process would not either.
    """
    before = dict(os.environ)
    try:
        pinned = environment(before, root)
    except MachineError as error:
        raise MachineError(f"{place}: {error}") from None
    if pinned != before:
        changed = [f"{key}={value}" for key, value in pinned.items() if before.get(key) != value]
        removed = [key for key in before if key not in pinned]
        advice = [f"set {' '.join(changed)}"] if changed else []
        advice += [f"unset {' '.join(removed)}"] if removed else []
        raise NotPinnedError(
            f"{place}: 'numerics: portable' needs a process with other environment variables from "
            f"its start: {'; '.join(advice)}; then start Python again"
        )
    try:
        _need_libraries()
    except MachineError as error:
        raise MachineError(f"{place}: 'numerics: portable' is not possible here: {error}") from None


def environment(before: Mapping[str, str], root: Path = _ROOT) -> dict[str, str]:
    """The environment of a process that computes with portable numerics.

    Settings that contradict it are replaced or left out.

    Args:
        before: the environment variables of another process.
        root: the directory that contains ``/proc``.

    Raises:
        MachineError: this processor cannot have portable numerics.
    """
    target = _target()
    # Not found out by the libraries: some would end the process with code that it does not know.
    known = _flags(root)
    if missing := sorted(target.flags - known) if known else []:
        raise MachineError(
            f"'numerics: portable' needs a processor with the instruction set {target.name}, and "
            f"this one lacks {', '.join(missing)}; use 'numerics: native', or another machine"
        )
    kept = {key: value for key, value in before.items() if key not in (*_REMOVED, _TUNABLES)}
    tunables = before.get(_TUNABLES, "").split(":")
    if harmless := [each for each in tunables if each and not each.startswith(_FLAGS_OF_GLIBC)]:
        kept[_TUNABLES] = ":".join(harmless)
    return {
        **kept,
        "NPY_ENABLE_CPU_FEATURES": ",".join(_numpy_loops(target)),
        "NUMBA_CPU_FEATURES": target.llvm[1],
        "NUMBA_CPU_NAME": target.llvm[0],
        "NUMBA_DISABLE_INTEL_SVML": "1",  # a library that only some installations have
        "OPENBLAS_CORETYPE": target.blas,
        "OPENBLAS_NUM_THREADS": "1",  # also where no network computes
    }


def in_force() -> bool:
    """Whether the environment of this process pins its libraries; ``need`` also checks them."""
    try:
        return environment(os.environ) == dict(os.environ)
    except MachineError:
        return False


def record() -> dict[str, str]:
    """What results of this process depend on, besides the packages that every run records."""
    return {
        "target": _target().name,
        "llvmlite": metadata.version("llvmlite"),
        "libc": " ".join(platform.libc_ver()).strip() or platform.system(),
    }


def _target() -> Target:
    """The instruction set for this type of processor.

    Raises:
        MachineError: there is none.
    """
    machine = platform.machine()
    target = _TARGETS.get(machine.lower())
    if target is None:
        raise MachineError(
            f"'numerics: portable' is not possible on {machine}, only on x86-64 and aarch64; use "
            "'numerics: native'"
        )
    return target


@cache
def _flags(root: Path) -> frozenset[str]:
    """What the processor can do, as Linux calls it; empty on other systems."""
    try:
        text = (root / "proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()


@cache
def _need_libraries() -> None:
    """Check the libraries of a process whose environment is pinned; once, they do not change.

    Raises:
        MachineError: a library computes in another way.
    """
    for fault in _faults():
        raise MachineError(fault)


def _faults() -> Iterator[str]:
    target = _target()
    baseline, dispatched = _numpy_sets()
    beyond = [name for name in (*baseline, *dispatched) if name not in target.numpy]
    in_use = import_module(_NUMPY).__cpu_features__
    if built := [name for name in baseline if name in beyond]:
        yield f"NumPy was built for {', '.join(built)}; install NumPy from PyPI"
    if any(in_use.get(name) for name in beyond):
        yield "NumPy was loaded before the environment variables were set; set them before that"
    yield from _faults_of_blas(target)
    yield from _faults_of_numba(target)


def _faults_of_blas(target: Target) -> Iterator[str]:
    from threadpoolctl import threadpool_info

    libraries = [each for each in threadpool_info() if each["user_api"] == "blas"]
    if not libraries:
        yield "NumPy's BLAS is not OpenBLAS; install NumPy from PyPI"
    for library in libraries:
        name, core = library["internal_api"], str(library.get("architecture"))
        if name != "openblas":
            yield f"the BLAS {name} is loaded, not OpenBLAS; install NumPy from PyPI"
        elif core.lower() != target.blas.lower():
            yield f"OpenBLAS computes for {core}, not for {target.blas} ({library['filepath']})"


def _faults_of_numba(target: Target) -> Iterator[str]:
    """Numba is imported only if it is needed; then its compiler has the processor it began with."""
    if "numba.core.registry" not in sys.modules:
        return
    from numba.core.registry import cpu_target

    _, name, features = cpu_target.target_context.codegen().magic_tuple()
    if (name, features) != target.llvm:
        yield "Numba was loaded before the environment variables were set; set them before that"


def _numpy_loops(target: Target) -> list[str]:
    """What NumPy may choose; it then chooses nothing else.

    A set for which all of NumPy was built may be named, too, and chooses nothing.
    """
    baseline, dispatched = _numpy_sets()
    return [name for name in dispatched if name in target.numpy] or list(baseline[-1:])


@cache
def _numpy_sets() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The instruction sets for which all of NumPy was built, and those for which parts were."""
    numpy = import_module(_NUMPY)
    return tuple(numpy.__cpu_baseline__), tuple(numpy.__cpu_dispatch__)
