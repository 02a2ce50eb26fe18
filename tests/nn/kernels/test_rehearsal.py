"""In a rehearsal kernels are noted, not run."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from dlrun.nn.kernels import numba_kernels
from dlrun.nn.kernels.compiled.needs import understood
from dlrun.nn.kernels.compiled.vectors import wide_registers
from dlrun.nn.kernels.reference.conv import Window
from dlrun.nn.kernels.rehearsal import Need, rehearsed, rehearsing


def noted_of_a_convolution(dtype: str = "float64") -> list[Need]:
    """What a convolution needs that no other test makes: 22 filters with 5 rows of taps."""
    x, kernel = np.ones((1, 9, 9, 2), dtype), np.ones((5, 1, 2, 22), dtype)
    y, bias = np.full((1, 9, 9, 22), 7, dtype), np.zeros(22, dtype)
    with rehearsed() as needs:
        numba_kernels().conv.correlate(
            x, kernel, bias, y, Window((1, 1), (1, 1), (2, 0)), 1, rectify=False
        )
    assert (y == 7).all()
    return list(needs.values())


def test_what_is_noted_is_not_run_and_compiles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    names = {each.name for each in noted_of_a_convolution("float16")}
    assert "direct._add_passes" in names
    sizes = [9] if wide_registers() else [4, 5]
    assert {f"tiles.sum_of_taps_float16_{size}_1" for size in sizes} <= names
    assert not list(tmp_path.iterdir())


def test_another_process_understands_what_is_needed() -> None:
    for each in noted_of_a_convolution("float16"):
        assert each.words is not None
        again = understood(each.words)
        assert (again.key, again.name, again.size) == (each.key, each.name, each.size)
        assert not again.stored()


@pytest.mark.parametrize(
    "words", ['["os", "system", []]', '["dlrun.nn.kernels.compiled.conv"]', "{", '"x"', "[1, 2]"]
)
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises((ValueError, AttributeError, TypeError)):
        understood(words)


def test_other_threads_and_later_calls_run() -> None:
    seen: list[bool] = []
    with rehearsed():
        thread = threading.Thread(target=lambda: seen.append(rehearsing()))
        thread.start()
        thread.join()
        seen.append(rehearsing())
    assert [*seen, rehearsing()] == [False, True, False]
