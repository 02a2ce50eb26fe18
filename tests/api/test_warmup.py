from __future__ import annotations

import subprocess
import sys

import pytest

import dlrun
from dlrun.api.warmup import Progress
from dlrun.errors import InputError, MachineError
from dlrun.inspect.warmup import Exercise


def test_it_reports_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import dlrun.api.warmup as module

    monkeypatch.setattr(module, "exercises", lambda: [Exercise(None, lambda: None)] * 2)
    seen: list[Progress] = []
    done = dlrun.warmup(watch=seen.append)
    assert seen == [Progress(1, 2, None), Progress(2, 2, None)]
    assert done.compiled == ()
    assert done.seconds >= 0.0


def test_without_numba_there_is_nothing_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    import dlrun.api.warmup as module

    def missing() -> list[Exercise]:
        raise ImportError("No module named 'numba'")

    monkeypatch.setattr(module, "exercises", missing)
    with pytest.raises(InputError, match="cannot be compiled without Numba"):
        dlrun.warmup()


def test_kernels_of_portable_numerics_need_a_process_that_has_them() -> None:
    with pytest.raises(MachineError, match=r"^warm-up: 'numerics: portable' needs a process"):
        dlrun.warmup(portable=True)


def test_importing_it_compiles_nothing() -> None:
    program = "import sys, dlrun; dlrun.warmup; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
