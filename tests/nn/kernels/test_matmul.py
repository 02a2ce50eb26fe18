"""Matrix multiplications in kernels have the bits of NumPy's."""

from __future__ import annotations

import gc
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import blas, matmul
from dlrun.nn.kernels.reference import matmul as reference

SIZES = st.integers(1, 40)
LEADING = st.lists(st.integers(1, 3), max_size=3).map(tuple)
LAYOUTS = st.sampled_from(["rows", "columns", "part", "between", "sparse"])


def made(random: np.random.Generator, layout: str, *shape: int) -> Array:
    """Random numbers, as matrices that lie in memory in one of several ways."""
    *leading, rows, columns = shape

    def normal(*of: int) -> Array:
        return random.standard_normal(of, dtype=np.float32)

    match layout:
        case "columns":
            return normal(*leading, columns, rows).swapaxes(-1, -2)
        case "part":
            return normal(*leading, rows, columns + 5)[..., 2 : 2 + columns]
        case "between" if leading:  # as the heads of attention
            return np.moveaxis(normal(*leading[:-1], rows, leading[-1], columns), -2, -3)
        case "sparse":
            return normal(*leading, rows, 2 * columns)[..., ::2]
        case _:
            return normal(*shape)


def both(a: Array, b: Array, out: Array) -> tuple[Array, Array]:
    """The result, and that of NumPy in an array that lies in memory in the same way."""
    work = matmul.product(a, b, out)
    out.fill(7)
    work()
    ours = out.copy()
    out.fill(7)
    np.matmul(a, b, out=out)
    return ours, out.copy()


@given(LEADING, SIZES, SIZES, SIZES, LAYOUTS, LAYOUTS, LAYOUTS, st.booleans())
def test_products_of_matrices_are_those_of_numpy(
    leading: tuple[int, ...],
    rows: int,
    inner: int,
    columns: int,
    of_a: str,
    of_b: str,
    of_out: str,
    shared: bool,
) -> None:
    random = np.random.default_rng(rows + 100 * inner + 10_000 * columns)
    a = made(random, of_a, *(() if shared else leading), rows, inner)
    b = made(random, of_b, *leading, inner, columns)
    ours, numpy = both(a, b, made(random, of_out, *leading, rows, columns))
    assert np.array_equal(ours, numpy)


@given(SIZES, SIZES, LAYOUTS)
def test_products_of_a_row_are_those_of_numpy(rows: int, columns: int, layout: str) -> None:
    random = np.random.default_rng(rows + 100 * columns)
    row, matrix = random.standard_normal(rows, np.float32), made(random, layout, rows, columns)
    ours, numpy = both(row, matrix, np.empty(columns, np.float32))
    assert np.array_equal(ours, numpy)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_matrix_times_itself(transposed: bool) -> None:
    a = np.random.default_rng(1).standard_normal((30, 30), np.float32)
    ours, numpy = both(a, a.T if transposed else a, np.empty_like(a))
    assert np.array_equal(ours, numpy)


def call_of(a: Array, b: Array, out: Array) -> type:
    return type(matmul.product(a, b, out))


def test_what_layers_multiply_is_computed_in_kernels() -> None:
    known = blas.address("sgemm") != 0  # in NumPy's wheels
    a, b = np.ones((8, 6), np.float32), np.ones((6, 4), np.float32)
    heads = np.ones((2, 3, 8, 6), np.float32)
    for first, second in (
        (a, b),
        (a, b.T.copy().T),
        (a.T.copy().T, b),
        (a, np.ones((6, 3, 4), np.float32).swapaxes(0, 1)),
        (heads, heads.swapaxes(2, 3).copy()),
        (np.ones(6, np.float32), b),
    ):
        assert (call_of(first, second, np.matmul(first, second)) is not partial) == known


def test_float64_is_left_to_numpy() -> None:
    a = np.random.default_rng(1).standard_normal((5, 6))
    ours, numpy = both(a, a.T.copy(), np.empty((5, 5)))
    assert np.array_equal(ours, numpy)
    assert call_of(a, a.T.copy(), np.empty((5, 5))) is partial


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [
        ((5, 6), (7, 8), (5, 8)),
        ((5, 6), (6, 8), (5, 9)),
        ((5, 6), (6, 8), (4, 8)),
        ((6,), (7, 8), (8,)),
        ((6,), (6, 8), (9,)),
        ((2, 5, 6), (3, 6, 8), (3, 5, 8)),
        ((5, 6), (3, 6, 8), (2, 5, 8)),
    ],
)
def test_matrices_that_do_not_fit_are_refused(
    a: tuple[int, ...], b: tuple[int, ...], out: tuple[int, ...]
) -> None:
    arrays = [np.ones(shape, np.float32) for shape in (a, b, out)]
    with pytest.raises(ValueError, match=r"shape|dimension|broadcast"):
        matmul.product(*arrays)()


def test_a_result_in_the_memory_of_an_operand() -> None:
    memory = np.random.default_rng(1).standard_normal((12, 12), np.float32)
    first, second = memory.copy(), memory.copy()
    matmul.product(first, memory, first)()
    np.matmul(second, memory, out=second)
    assert np.array_equal(first, second)


def test_without_known_routines_numpy_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert blas.address("sgemm_of_nobody") == 0
    monkeypatch.setattr(matmul, "_GEMM", 0)
    a = np.ones((5, 6), np.float32)
    assert call_of(a, a.T.copy(), np.empty((5, 5), np.float32)) is partial


def test_arrays_live_as_long_as_the_work() -> None:
    random = np.random.default_rng(1)
    out = np.empty((300, 300), np.float32)
    a, b = (random.standard_normal((300, 300), np.float32) for _ in range(2))
    expected = a @ b
    work = matmul.product(a, b, out)
    del a, b
    gc.collect()
    others = [np.full((300, 300), 9, np.float32) for _ in range(8)]
    work()
    assert np.array_equal(out, expected)
    assert len(others) == 8


def test_the_reference_is_numpy() -> None:
    a, b = np.ones((2, 3)), np.ones((3, 4))
    out = np.empty((2, 4))
    reference.product(a, b, out)()
    assert np.array_equal(out, np.full((2, 4), 3.0))
