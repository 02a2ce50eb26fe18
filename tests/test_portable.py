from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
import threadpoolctl

from dlrun import portable
from dlrun.errors import MachineError, NotPinnedError

FLAGS = "fpu sse4_2 avx avx2 fma f16c bmi1 bmi2 movbe abm avx512f"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A root folder of a machine of a type, with flags of its processor."""

    def make(kind: str, flags: str | None, key: str = "flags") -> Path:
        monkeypatch.setattr(platform, "machine", lambda: kind)
        if flags is not None:
            (tmp_path / "proc").mkdir(exist_ok=True)
            lines = f"processor\t: 0\nmodel name\t: A\n{key}\t\t: {flags}\n"
            (tmp_path / "proc/cpuinfo").write_text(lines)
        return tmp_path

    return make


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's environment is pinned; its libraries were loaded without that."""
    wanted = portable.environment(dict(os.environ))
    for key in os.environ.keys() - wanted.keys():
        monkeypatch.delenv(key)
    for key, value in wanted.items():
        monkeypatch.setenv(key, value)


def test_the_environment_replaces_what_contradicts_it_and_keeps_the_rest(machine: Any) -> None:
    root = machine("x86_64", FLAGS)
    before = {
        "HOME": "/home/someone",
        "OPENBLAS_CORETYPE": "SkylakeX",
        "NPY_DISABLE_CPU_FEATURES": "AVX2",
        "NUMBA_OPT": "0",
        "NUMBA_CACHE_DIR": "/tmp/numba",
        "GLIBC_TUNABLES": "glibc.malloc.check=1:glibc.cpu.hwcaps=-AVX2:glibc.rtld.nns=8",
    }
    found = portable.environment(before, root)
    assert found["HOME"] == "/home/someone" and found["NUMBA_CACHE_DIR"] == "/tmp/numba"
    assert found["OPENBLAS_CORETYPE"] == "Haswell"
    assert found["NUMBA_CPU_NAME"] == "x86-64-v3"
    assert not {"NPY_DISABLE_CPU_FEATURES", "NUMBA_OPT"} & found.keys()
    assert found["GLIBC_TUNABLES"] == "glibc.malloc.check=1:glibc.rtld.nns=8"
    assert portable.environment(found, root) == found
    only = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA"}
    assert "GLIBC_TUNABLES" not in portable.environment(only, root)


def test_a_processor_must_have_the_instruction_set(machine: Any) -> None:
    root = machine("x86_64", FLAGS.replace("fma", "").replace("avx2", ""))
    with pytest.raises(MachineError, match=r"x86-64-v3, and this one lacks avx2, fma; use "):
        portable.environment({}, root)
    with pytest.raises(MachineError, match=r"^spec\.yaml:3:1: 'numerics: portable' needs a proc"):
        portable.need("spec.yaml:3:1", root)


def test_without_a_description_of_the_processor_it_is_not_refused(machine: Any) -> None:
    assert portable.environment({}, machine("AMD64", None))["OPENBLAS_CORETYPE"] == "Haswell"


def test_arm_has_a_target_of_its_own(machine: Any) -> None:
    found = portable.environment({}, machine("aarch64", "fp asimd evtstrm aes", "Features"))
    assert (found["OPENBLAS_CORETYPE"], found["NUMBA_CPU_NAME"]) == ("ARMV8", "generic")


def test_other_processors_are_refused(machine: Any) -> None:
    with pytest.raises(MachineError, match="not possible on ppc64le, only on x86-64 and aarch64"):
        portable.environment({}, machine("ppc64le", None))


def test_a_process_is_told_what_its_environment_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "SkylakeX")
    monkeypatch.setenv("NUMBA_SLP_VECTORIZE", "1")
    with pytest.raises(NotPinnedError) as caught:
        portable.need("here")
    assert "OPENBLAS_CORETYPE=Haswell" in str(caught.value)
    assert "; unset NUMBA_SLP_VECTORIZE; then" in str(caught.value)


def wrong(monkeypatch: pytest.MonkeyPatch, libraries: list[Mapping[str, Any]]) -> str:
    """Why a process with these BLAS libraries, and else all that it needs, is refused."""
    monkeypatch.setattr(portable, "import_module", lambda name: Loaded)
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: libraries)
    monkeypatch.setattr(portable, "_faults_of_numba", lambda target: iter(()))
    with pytest.raises(MachineError) as caught:
        portable.need("here")
    assert not isinstance(caught.value, NotPinnedError)
    return str(caught.value)


class Loaded:
    """NumPy as it is when it was loaded as it should be."""

    __cpu_baseline__ = ("X86_V2",)
    __cpu_dispatch__ = ("X86_V3", "X86_V4")
    __cpu_features__: ClassVar = {"X86_V2": True, "X86_V3": True, "X86_V4": False}


def library(name: str, architecture: str) -> Mapping[str, Any]:
    return {
        "user_api": "blas",
        "internal_api": name,
        "architecture": architecture,
        "filepath": "/lib/blas.so",
    }


@pytest.mark.usefixtures("pinned")
def test_another_blas_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the BLAS mkl is loaded, not OpenBLAS" in wrong(monkeypatch, [library("mkl", "x")])
    assert "NumPy's BLAS is not OpenBLAS; install" in wrong(monkeypatch, [])
    fixed = [library("openblas", "haswell"), library("openblas", "Nehalem")]
    assert "OpenBLAS computes for Nehalem, not for Haswell (/lib/blas.so)" in wrong(
        monkeypatch, fixed
    )


@pytest.mark.usefixtures("pinned")
def test_a_numpy_for_newer_processors_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loaded, "__cpu_baseline__", ("X86_V2", "X86_V4"))
    portable._numpy_sets.cache_clear()
    try:
        assert "NumPy was built for X86_V4; install NumPy from PyPI" in wrong(monkeypatch, [])
    finally:
        portable._numpy_sets.cache_clear()


def test_variables_that_are_set_too_late_do_not_count() -> None:
    program = (
        "import os, sys, numpy\n"
        "if 'numba' in sys.argv: from numba.core.registry import cpu_target as t; "
        "t.target_context.codegen()\n"
        "from dlrun import portable\n"
        "os.environ.update(portable.environment(os.environ))\n"
        "try: portable.need('here')\n"
        "except portable.MachineError as error: print(type(error).__name__, error)\n"
        "else: print('computes')\n"
    )

    def said(*words: str, **variables: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    pinned = portable.environment(dict(os.environ))
    assert said(**pinned) == said("numba", **pinned) == "computes\n"
    native = {**pinned, "NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "+sse4.2"}
    assert said("numba", **native).startswith("MachineError here: ")
    assert "Numba was loaded before the environment" in said("numba", **native)
    late = said(**{**pinned, "OPENBLAS_CORETYPE": "Nehalem"})
    assert "OpenBLAS computes for Nehalem, not for Haswell" in late


def test_numpy_chooses_nothing_else() -> None:
    program = (
        "from numpy._core._multiarray_umath import __cpu_features__ as f, __cpu_dispatch__ as d; "
        "print(*[name for name in d if f[name]])"
    )
    pinned = portable.environment({**os.environ, "NPY_DISABLE_CPU_FEATURES": "X86_V3"})
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=pinned,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == pinned["NPY_ENABLE_CPU_FEATURES"].replace(",", " ")


def test_the_record_names_what_decides() -> None:
    found = portable.record()
    assert found.keys() == {"target", "llvmlite", "libc"} and all(found.values())
