"""One thread for BLAS while anything needs it, and as many as before afterwards."""

from __future__ import annotations

import threading

import pytest
from threadpoolctl import threadpool_info

from dlrun.nn.parallel.blas import alone


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> None:
    """Here BLAS has all its threads until a test limits them."""


def blas_threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.mark.skipif(blas_threads() <= {1}, reason="BLAS has one thread anyway")
def test_blas_has_one_thread_until_the_last_of_those_that_need_it_is_done() -> None:
    before = blas_threads()
    assert before != {1}, "a fixture limits them already"
    inside, leave = threading.Event(), threading.Event()
    seen = []

    def other() -> None:
        with alone():
            seen.append(blas_threads())
            inside.set()
            assert leave.wait(20)
            seen.append(blas_threads())
        seen.append(blas_threads())

    for _ in range(2):  # whichever thread was the first to ask, ever
        inside.clear()
        leave.clear()
        thread = threading.Thread(target=other)
        with alone():
            thread.start()
            assert inside.wait(20)
        assert blas_threads() == {1}
        leave.set()
        thread.join(20)
    assert seen == [{1}, {1}, before] * 2
    assert blas_threads() == before
