"""Concatenation, sums and products: values and gradients against NumPy's own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Merge, Tensor
from dlrun.nn.layers.merge import Add, Concatenate, Multiply

BATCH = 3
Shapes = tuple[tuple[int, ...], ...]

lengths = st.integers(1, 4)


def names(count: int) -> tuple[str, ...]:
    return tuple(f"n{number}" for number in range(count))


def bound(layer: Merge, shapes: Shapes, needed: list[bool] | None = None) -> tuple:
    """Inputs, output, forward and backward; gradients start as NaN."""
    random = np.random.default_rng(1)
    wanted = needed or [True] * len(shapes)

    def tensor(shape: tuple[int, ...], grad: bool) -> Tensor:
        full = (BATCH, *shape)
        return Tensor(random.normal(size=full), np.full(full, np.nan) if grad else None)

    xs = tuple(tensor(*each) for each in zip(shapes, wanted, strict=True))
    y = tensor(layer.merged_shape(shapes), True)
    works = layer.bind_merge(xs, y)
    return xs, y, works.forward, works.backward


@given(st.data())
def test_concatenate_puts_side_by_side_and_takes_apart(data: st.DataObject) -> None:
    common = data.draw(st.lists(lengths, min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(common), len(common) - 1))
    shapes = []
    for _ in range(data.draw(st.integers(2, 4))):
        shape = list(common)
        shape[axis] = data.draw(lengths)
        shapes.append(tuple(shape))
    layer = Concatenate(inputs=names(len(shapes)), axis=axis)
    xs, y, forward, backward = bound(layer, tuple(shapes))
    forward()
    whole = axis + 1 if axis >= 0 else axis
    np.testing.assert_array_equal(y.value, np.concatenate([x.value for x in xs], whole))
    np.copyto(y.grad, y.value)
    backward()
    for x in xs:
        np.testing.assert_array_equal(x.grad, x.value)


ELEMENTWISE: list[Shapes] = [
    ((4,), (4,)),
    ((2, 3), (2, 3), (2, 3)),
    ((3, 2, 4), (4,)),
    ((4,), (3, 2, 4)),
    ((3, 1, 4), (1, 2, 4), (1,)),
    ((3, 2, 1), (3, 2, 4)),
    ((1,), (1,)),
    ((2, 1), (2, 1), (2, 1)),
    ((), (5,)),
]


@pytest.mark.parametrize("shapes", ELEMENTWISE)
@pytest.mark.parametrize("kind", [Add, Multiply])
def test_values_are_those_of_broadcasting(kind: type[Merge], shapes: Shapes) -> None:
    xs, y, forward, _ = bound(kind(inputs=names(len(shapes))), shapes)
    forward()
    for row in range(BATCH):
        parts = [x.value[row] for x in xs]
        expected = parts[0]
        for part in parts[1:]:
            expected = expected + part if kind is Add else expected * part
        np.testing.assert_allclose(y.value[row], expected, rtol=1e-15)


@pytest.mark.parametrize("shapes", ELEMENTWISE)
@pytest.mark.parametrize("kind", [Add, Multiply])
def test_backward_is_the_derivative_of_forward(kind: type[Merge], shapes: Shapes) -> None:
    xs, y, forward, backward = bound(kind(inputs=names(len(shapes))), shapes)
    random = np.random.default_rng(2)
    direction = random.normal(size=y.value.shape)
    forward()
    np.copyto(y.grad, direction)
    y.value.fill(np.nan)  # backward must not read it
    backward()
    steps = [random.normal(size=x.value.shape) for x in xs]
    starts = [x.value.copy() for x in xs]
    slope = sum(float((x.grad * step).sum()) for x, step in zip(xs, steps, strict=True))
    ends = []
    for sign in (1, -1):
        for x, start, step in zip(xs, starts, steps, strict=True):
            np.copyto(x.value, start + sign * 1e-6 * step)
        forward()
        ends.append(float((y.value * direction).sum()))
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("kind", [Add, Multiply, Concatenate])
def test_gradients_are_written_never_added_and_only_where_needed(kind: type[Merge]) -> None:
    shapes = ((2, 4), (2, 4), (2, 4))
    xs, y, forward, backward = bound(kind(inputs=names(3)), shapes, [True, False, True])
    forward()
    y.grad.fill(0.5)
    backward()
    first = [xs[0].grad.copy(), xs[2].grad.copy()]
    backward()
    np.testing.assert_array_equal(first[0], xs[0].grad)
    np.testing.assert_array_equal(first[1], xs[2].grad)
    assert np.isfinite(first).all()


def test_add_needs_no_values_for_its_gradients() -> None:
    xs, y, forward, backward = bound(Add(inputs=names(2)), ((3, 4), (4,)))
    forward()
    for x in xs:
        x.value.fill(np.nan)
    y.grad.fill(1.0)
    backward()
    np.testing.assert_array_equal(xs[0].grad, np.ones((BATCH, 3, 4)))
    np.testing.assert_array_equal(xs[1].grad, np.full((BATCH, 4), 3.0))


FAULTS = [
    (Add(inputs=("a", "b")), ((3,), (4,)), "got (3,) of 'a', (4,) of 'b'"),
    (Multiply(inputs=("a", "b")), ((4, 3), (4,)), "multiply needs shapes that can be broadcast"),
    (
        Concatenate(inputs=("a", "b")),
        ((4, 4, 3), (2, 2, 3)),
        "concatenate along axis -1 needs equal lengths along all others, "
        "got (4, 4, 3) of 'a', (2, 2, 3) of 'b'",
    ),
    (Concatenate(inputs=("a", "b")), ((4, 3), (3,)), "needs equal lengths along all others"),
    (
        Concatenate(inputs=("a", "b"), axis=1),
        ((4, 3), (3,)),
        "concatenate: axis 1 does not exist in (4, 3) of 'a', (3,) of 'b'",
    ),
    (Concatenate(inputs=("a", "b")), ((), ()), "concatenate: axis -1 does not exist in"),
]


@pytest.mark.parametrize(("layer", "shapes", "words"), FAULTS)
def test_shapes_that_do_not_fit(layer: Merge, shapes: Shapes, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        layer.merged_shape(shapes)
    assert words in str(caught.value)


def test_a_concatenation_has_its_inputs_in_their_order() -> None:
    layer = Concatenate(inputs=names(3))
    xs, y, forward, _ = bound(layer, ((2, 1), (2, 2), (2, 3)))
    forward()
    for x, (start, stop) in zip(xs, pairwise((0, 1, 3, 6)), strict=True):
        np.testing.assert_array_equal(y.value[..., start:stop], x.value)
