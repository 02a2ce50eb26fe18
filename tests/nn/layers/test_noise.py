"""Layers that draw: what they draw does not depend on how the batch is cut."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import bench

from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers.base import Bound, Clock, Context, Layer, Tensor
from dlrun.nn.layers.dropout import SpatialDropout
from dlrun.nn.layers.gaussian_noise import GaussianNoise

both = pytest.mark.parametrize("kernels", [numpy_kernels(), numba_kernels()])


def drawn(
    layer: Layer, x: np.ndarray, first: int, kernels: Kernels, step: int = 1, node: int = 2
) -> np.ndarray:
    """What the layer makes of rows that begin at ``first`` of their batch."""
    y = Tensor(np.full_like(x, np.nan))
    scratch = {
        name: np.empty((len(x), *buffer.shape), x.dtype)
        for name, buffer in layer.scratch(x.shape[1:]).items()
    }
    context = Context(
        training=True, node=node, first_row=first, clock=Clock(1, 2, step), kernels=kernels
    )
    bound: Bound = layer.bind(Tensor(x), y, {}, scratch, context)
    bound.forward()
    return y.value


@both
@pytest.mark.parametrize("layer", [GaussianNoise(), SpatialDropout()], ids=lambda each: each.kind)
def test_a_row_draws_the_same_in_any_chunk(layer: Layer, kernels: Kernels) -> None:
    x = np.ones((24, 3, 5), np.float32)
    whole = drawn(layer, x, 0, kernels)
    for rows in (slice(0, 7), slice(7, 8), slice(8, 24)):
        np.testing.assert_array_equal(whole[rows], drawn(layer, x[rows], rows.start, kernels))
    assert (whole != drawn(layer, x, 0, kernels, step=2)).any()
    assert (whole != drawn(layer, x, 0, kernels, node=3)).any()


@both
def test_noise_is_normal_with_its_standard_deviation(kernels: Kernels) -> None:
    x = np.full((1000, 100), 3.0, np.float32)
    noise = (drawn(GaussianNoise(std=0.5), x, 0, kernels) - 3.0).ravel()
    # Five standard deviations of the estimates from 10^5 numbers.
    assert noise.mean() == pytest.approx(0.0, abs=5 * 0.5 / 316)
    assert noise.std() == pytest.approx(0.5, abs=5 * 0.5 / 447)
    assert np.mean(np.abs(noise) < 0.5) == pytest.approx(0.6827, abs=5 * 0.466 / 316)
    assert abs(np.corrcoef(noise[:-1], noise[1:])[0, 1]) < 5 / 316


@both
def test_a_channel_is_dropped_everywhere_or_nowhere(kernels: Kernels) -> None:
    x = np.ones((200, 4, 4, 50), np.float32)
    y = drawn(SpatialDropout(rate=0.3), x, 0, kernels)
    channels = y[:, 0, 0]
    np.testing.assert_array_equal(y, np.broadcast_to(channels[:, None, None], y.shape))
    np.testing.assert_allclose(channels[channels > 0], 1 / 0.7, rtol=1e-6)
    assert np.mean(channels == 0) == pytest.approx(0.3, abs=5 * 0.458 / 100)


@pytest.mark.parametrize("layer", [GaussianNoise(), SpatialDropout()], ids=lambda each: each.kind)
def test_evaluation_changes_nothing(layer: Layer) -> None:
    of = bench(layer, (3, 4), training=False)
    of.bound.forward()
    np.testing.assert_array_equal(of.y.value, of.x.value)


def test_single_numbers_have_no_channels_to_drop() -> None:
    with pytest.raises(
        ShapeError, match=r"spatial_dropout needs \(\.\.\., channels\) with at least"
    ):
        SpatialDropout().output_shape((5,))
