"""What every layer must do, whatever it computes."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from layer_cases import CASES, IDS, Bench, bench

from dlrun.errors import ShapeError
from dlrun.nn.layers.base import AnyLayer, Layer
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.reshape import Reshape

COMBINATORS = {
    *("from", "masking", "node", "parallel", "repeat", "residual", "transformer_block"),
}
NAMELESS = {"mask"}
MERGES = {"add", "concatenate", "multiply"}
RESHAPES = {"flatten", "reshape"}
OF_IMAGES = {
    *("conv", "conv_transpose", "upsample"),
    *("max_pool", "average_pool", "global_average_pool", "global_max_pool"),
}

every_layer = pytest.mark.parametrize(("layer", "shape"), CASES, ids=IDS)


def test_every_layer_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    catalog.load()
    tested = {layer.kind for layer, _ in CASES} - NAMELESS
    assert tested | COMBINATORS | MERGES | RESHAPES == set(AnyLayer.family)


def projected(of: Bench, direction: np.ndarray) -> float:
    of.bound.forward()
    return float((of.y.value * direction).sum())


@every_layer
def test_backward_is_the_derivative_of_forward(layer: Layer, shape: tuple[int, ...]) -> None:
    of = bench(layer, shape)
    random = np.random.default_rng(0)
    direction = random.normal(size=of.y.value.shape)
    of.bound.forward()
    np.copyto(of.y.grad, direction)
    of.bound.backward()

    moved = of.moved
    steps = [random.normal(size=each.value.shape) for each in moved]
    starts = [each.value.copy() for each in moved]
    slope = sum(float((each.grad * step).sum()) for each, step in zip(moved, steps, strict=True))

    h = 1e-6
    ends = []
    for sign in (1, -1):
        for each, start, step in zip(moved, starts, steps, strict=True):
            np.copyto(each.value, start + sign * h * step)
        ends.append(projected(of, direction))
    numeric = (ends[0] - ends[1]) / (2 * h)
    assert numeric == pytest.approx(slope, rel=1e-6, abs=1e-8)


@every_layer
def test_backward_reads_nothing_but_what_the_layer_keeps(
    layer: Layer, shape: tuple[int, ...]
) -> None:
    clean, poisoned = bench(layer, shape), bench(layer, shape)
    for of in (clean, poisoned):
        of.bound.forward()
        np.copyto(of.y.grad, np.arange(of.y.grad.size).reshape(of.y.grad.shape) % 7 - 3.0)
    if "x" not in layer.keeps:
        poisoned.x.value.fill(np.nan)
    if "y" not in layer.keeps:
        poisoned.y.value.fill(np.nan)
    for of in (clean, poisoned):
        of.bound.backward()
    assert np.isfinite(poisoned.x.grad).all()
    np.testing.assert_array_equal(clean.x.grad, poisoned.x.grad)
    for name, p in clean.learned.items():
        assert np.isfinite(poisoned.parameters[name].grad).all()
        np.testing.assert_array_equal(p.grad, poisoned.parameters[name].grad)


@every_layer
def test_backward_writes_and_never_adds(layer: Layer, shape: tuple[int, ...]) -> None:
    of = bench(layer, shape)
    of.bound.forward()
    of.y.grad.fill(0.5)
    of.bound.backward()
    first = [of.x.grad.copy(), *(p.grad.copy() for p in of.learned.values())]
    for each in (of.x, *of.learned.values()):
        each.grad.fill(np.nan)
    of.bound.forward()  # backward may use up what forward kept
    of.bound.backward()
    for before, each in zip(first, (of.x, *of.learned.values()), strict=True):
        np.testing.assert_array_equal(before, each.grad)


@every_layer
def test_evaluation_gives_finite_numbers_of_the_declared_shape(
    layer: Layer, shape: tuple[int, ...]
) -> None:
    of = bench(layer, shape, training=False, dtype="float32")
    of.y.value.fill(np.nan)
    of.bound.forward()
    assert of.y.value.shape[1:] == layer.output_shape(shape)
    assert of.y.value.dtype == np.float32
    assert np.isfinite(of.y.value).all()


@pytest.mark.parametrize("kind", sorted(OF_IMAGES))
@pytest.mark.parametrize("shape", [(64,), (8, 8, 8, 2), ()])
def test_layers_of_images_refuse_other_shapes(kind: str, shape: tuple[int, ...]) -> None:
    layer = next(layer for layer, _ in CASES if layer.kind == kind)
    expected = f"{kind} needs (height, width, channels) or (length, channels), got {shape}"
    with pytest.raises(ShapeError) as error:
        layer.output_shape(shape)
    assert str(error.value) == expected


def test_a_tensor_cannot_be_assigned_to() -> None:
    of = bench(Dense(units=2), (3,))
    with pytest.raises(AttributeError):
        of.y.value += 1  # type: ignore[misc]


def test_a_reshape_keeps_all_numbers() -> None:
    assert Reshape(shape=(2, 3)).output_shape((6,)) == (2, 3)
    assert Reshape(shape=(-1, 3)).output_shape((2, 2, 3)) == (4, 3)
    with pytest.raises(ShapeError, match=r"cannot make \(8, 8, 1\) of \(60,\)"):
        Reshape(shape=(8, 8, 1)).output_shape((60,))


@every_layer
def test_arrays_are_freed_without_garbage_collection(layer: Layer, shape: tuple[int, ...]) -> None:
    gc.collect()
    gc.disable()
    try:
        of = bench(layer, shape)
        of.bound.forward()
        np.copyto(of.y.grad, 1.0)
        of.bound.backward()
        output = weakref.ref(of.y.value)
        del of
        assert output() is None
    finally:
        gc.enable()
