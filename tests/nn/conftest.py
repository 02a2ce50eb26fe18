"""The engine computes as in a training: with one thread for BLAS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dlrun.nn.parallel.blas import one_thread


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> Iterator[None]:
    """One thread for BLAS, which sessions and predictions set before they use a network.

    The threads of two test processes on two cores would mostly wait for one another, busily.
    """
    with one_thread():
        yield
