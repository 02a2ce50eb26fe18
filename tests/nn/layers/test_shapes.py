"""The arithmetic of shapes: reshape and permute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_cases import bench
from pydantic import ValidationError

from dlrun.errors import ShapeError
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.reshape import Reshape

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


@given(shapes, st.data())
def test_an_open_length_is_worked_out(shape: tuple[int, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(shape) - 1))
    asked = (*shape[:place], -1, *shape[place + 1 :])
    flat = (math.prod(shape),)
    assert Reshape(shape=asked).output_shape(flat) == shape
    assert Reshape(shape=shape).output_shape(flat) == shape


@given(shapes, shapes)
def test_a_shape_fits_where_the_numbers_are_as_many(
    x: tuple[int, ...], asked: tuple[int, ...]
) -> None:
    if math.prod(x) == math.prod(asked):
        assert Reshape(shape=asked).output_shape(x) == asked
    else:
        with pytest.raises(ShapeError, match=f"the number of elements must stay {math.prod(x)}$"):
            Reshape(shape=asked).output_shape(x)


def test_no_whole_length_is_left() -> None:
    with pytest.raises(
        ShapeError, match=r"cannot make \(4, -1\) of \(2, 3\): the number of elements must stay 6"
    ):
        Reshape(shape=(4, -1)).output_shape((2, 3))


@pytest.mark.parametrize("shape", [(-1, -1), (0, 4), (-2, 4), ()])
def test_shapes_that_cannot_be(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        Reshape(shape=shape)


@given(shapes.flatmap(lambda x: st.tuples(st.just(x), st.permutations(range(len(x))))))
def test_permute_is_numpys_transpose(case: tuple[tuple[int, ...], list[int]]) -> None:
    shape, axes = case
    of = bench(Permute(axes=tuple(axes)), shape)
    of.bound.forward()
    order = (0, *(axis + 1 for axis in axes))
    np.testing.assert_array_equal(of.y.value, of.x.value.transpose(order))
    np.copyto(of.y.grad, of.y.value)
    of.bound.backward()
    np.testing.assert_array_equal(of.x.grad, of.x.value)


def test_permute_needs_as_many_axes() -> None:
    with pytest.raises(ShapeError, match=r"permute needs 2 axes, got \(3, 4, 5\)"):
        Permute(axes=(1, 0)).output_shape((3, 4, 5))


@pytest.mark.parametrize("axes", [(0, 0), (1, 2), (0, 2), (-1, 0)])
def test_axes_that_are_no_order(axes: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="once"):
        Permute(axes=axes)
