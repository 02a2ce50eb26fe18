"""Threads take turns between two kernels; whatever the flag says, kernels run and return."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("numba")

from dlrun.nn.kernels.compiled.turns import flag
from dlrun.nn.kernels.compiled.update import sgd
from dlrun.nn.kernels.compiled.wait import until

ONE = np.ones(4, np.float32)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Kernels are compiled, and no thread of another test is between two."""
    sgd(ONE.copy(), ONE, 0.5, 0.0)
    until(np.ones(1, np.int64), 1)
    flag[0] = 0
    yield
    flag[0] = 0


def test_the_flag_is_set_after_a_kernel() -> None:
    sgd(ONE.copy(), ONE, 0.5, 0.0)
    assert flag[0] == 1


def test_the_flag_is_clear_while_a_kernel_runs() -> None:
    opened, seen = np.zeros(1, np.int64), []
    for _ in range(1000):  # the thread's kernel ends after a while, perhaps before it is seen
        opened[0] = 0
        sgd(ONE.copy(), ONE, 0.5, 0.0)
        thread = threading.Thread(target=lambda: seen.append(until(opened, 1)))
        thread.start()
        while thread.is_alive() and flag[0]:
            pass
        clear = flag[0] == 0
        opened[0] = 1
        thread.join()
        if clear and seen[-1]:  # the kernel was still running
            break
    assert clear
    assert seen[-1]


@pytest.mark.parametrize("stuck", [1, 2])
def test_a_flag_that_nobody_clears_stops_no_kernel(stuck: int) -> None:
    w = ONE.copy()
    for _ in range(3):
        flag[0] = stuck
        sgd(w, ONE, 0.5, 0.0)
    assert np.array_equal(w, np.full(4, -0.5, np.float32))


def test_many_threads_with_kernels_all_end() -> None:
    results: list[np.ndarray] = []

    def work() -> None:
        w = ONE.copy()
        for _ in range(2000):
            sgd(w, ONE, 0.5, 0.0)
        results.append(w)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(results) == 8
    assert {float(each) for w in results for each in w} == {-999.0}
