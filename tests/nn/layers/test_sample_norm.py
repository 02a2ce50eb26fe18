"""Normalization within a sample: what is special about it."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import bench

from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm

EVERY: list[Layer] = [
    LayerNorm(scale=False, shift=False),
    RMSNorm(scale=False),
    GroupNorm(groups=2, scale=False, shift=False),
    InstanceNorm(scale=False, shift=False),
]


@pytest.mark.parametrize("layer", EVERY, ids=lambda each: each.kind)
def test_a_sample_does_not_depend_on_the_others(layer: Layer) -> None:
    of = bench(layer, (5, 4))
    of.bound.forward()
    alone = of.y.value[2].copy()
    of.x.value[[0, 1, 3, 4]] *= 100.0
    of.bound.forward()
    np.testing.assert_array_equal(alone, of.y.value[2])


@pytest.mark.parametrize("layer", EVERY, ids=lambda each: each.kind)
def test_the_size_of_the_input_does_not_matter(layer: Layer) -> None:
    of = bench(layer, (5, 4))
    of.bound.forward()
    before = of.y.value.copy()
    of.x.value[...] *= 1000.0
    of.bound.forward()
    np.testing.assert_allclose(before, of.y.value, rtol=1e-3)


@pytest.mark.parametrize(
    ("layer", "axes"),
    [(LayerNorm(), (2,)), (InstanceNorm(), (1,)), (GroupNorm(groups=1), (1, 2))],
    ids=["layer_norm", "instance_norm", "group_norm"],
)
def test_mean_and_variance(layer: Layer, axes: tuple[int, ...]) -> None:
    of = bench(layer, (50, 40))
    of.parameters["scale"].value.fill(1.0)
    of.parameters["shift"].value.fill(0.0)
    of.x.value[...] += 7.0
    of.bound.forward()
    np.testing.assert_allclose(of.y.value.mean(axes), 0.0, atol=1e-12)
    np.testing.assert_allclose(of.y.value.var(axes), 1.0, rtol=1e-4)


def test_channels_must_come_in_whole_groups() -> None:
    with pytest.raises(ShapeError, match="cannot divide 6 channels into 4 groups"):
        GroupNorm(groups=4).output_shape((3, 3, 6))


def test_an_instance_needs_places() -> None:
    with pytest.raises(ShapeError, match="with at least one more axis"):
        InstanceNorm().output_shape((6,))


@pytest.mark.parametrize("layer", [LayerNorm(), RMSNorm(), GroupNorm(groups=1)])
def test_a_single_number_has_no_axis(layer: Layer) -> None:
    with pytest.raises(ShapeError, match=r"needs \(\.\.\., n\), got a single number"):
        layer.output_shape(())
